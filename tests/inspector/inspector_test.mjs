// The inspector page in a real Chromium: clicks through everything that it offers.
//
// Run it with Node ≥ 22.18: `node --test tests/inspector/inspector_test.mjs`. The page is served by
// each runtime that `scripts/node_modules` has, since its script is what a runtime makes of ours.

import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import process from "node:process";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { launch } from "../browser/browsers.ts";
import { commandLine, serving } from "../cli/command.ts";

const installed = (path) =>
  fileURLToPath(new URL(`../../scripts/node_modules/${path}`, import.meta.url));
const runtimes = {
  node: commandLine(process.execPath, false),
  bun: commandLine(installed("bun/bin/bun.exe"), false),
  deno: commandLine(installed("deno/deno"), true),
};

/** Deno and Bun find this file, too: there, only their servers are of interest, not their clients. */
const elsewhere = "Deno" in globalThis || "Bun" in globalThis ? "Node drives the browser" : false;

let chromium;
before(async () => {
  if (!elsewhere) chromium = await launch("chromium");
});
after(() => chromium?.[Symbol.asyncDispose]());

for (const [name, [file, args]] of Object.entries(runtimes)) {
  const missing = existsSync(file) ? false : `there is no ${file}`;
  describe(`inspector, served by ${name}`, { skip: elsewhere || missing }, () => {
    let server;
    let foreign;
    let page;
    /** Errors of the page, and its requests. */
    const complaints = [];
    const hosts = new Set();

    before(async () => {
      server = await serving([], [file, args]);
      foreign = await serving([], [file, args]);
      page = await chromium.browser.newPage();
      page.setDefaultTimeout(15_000);
      await page.setViewport({ width: 1280, height: 900 });
      page.on("pageerror", (error) => complaints.push(String(error)));
      page.on("console", (line) => {
        // Chromium says this of the send() after close that is tried below.
        if (!line.text().includes("already in CLOSING or CLOSED")) complaints.push(line.text());
      });
      page.on("request", (request) => {
        if (!request.url().startsWith("data:")) hosts.add(new URL(request.url()).host);
      });
      await page.goto(server.url);
    });
    after(async () => {
      await page?.close();
      for (const running of [server, foreign]) {
        running?.kill("SIGTERM");
        await running?.ended;
      }
    });

    const text = (selector) => page.$eval(selector, (element) => element.textContent);
    /** Clicks in the middle of the window: at its top, the line of states may lie above. */
    const click = async (selector) => {
      await page.$eval(selector, (element) => element.scrollIntoView({ block: "center" }));
      await page.click(selector);
    };
    const fill = async (selector, value) => {
      await page.$eval(selector, (element) => {
        element.value = "";
      });
      await page.type(selector, value);
    };
    /** Lines of the log since the last `new WebSocket`. */
    const lines = () =>
      page.$$eval("#log > li", (entries) => {
        const since = entries.map((entry) => entry.dataset.kind).lastIndexOf("begin");
        return entries.slice(since).map((entry) => {
          const line = entry.querySelector("summary") ?? entry.querySelector(".what");
          return `${entry.dataset.kind}: ${line.textContent.trim().replace(/\s+/g, " ")}`;
        });
      });
    /** Waits for a line that matches. */
    const logged = async (pattern) => {
      const wanted = new RegExp(pattern);
      try {
        await page.waitForFunction(
          (source) => {
            const entries = [...document.querySelectorAll("#log > li")];
            const since = entries.map((entry) => entry.dataset.kind).lastIndexOf("begin");
            return entries.slice(since).some((entry) => {
              const line = entry.querySelector("summary") ?? entry.querySelector(".what");
              const words = line.textContent.trim().replace(/\s+/g, " ");
              return new RegExp(source).test(`${entry.dataset.kind}: ${words}`);
            });
          },
          {},
          wanted.source,
        );
      } catch {
        assert.fail(`No line ${wanted} in:\n${(await lines()).join("\n")}`);
      }
    };
    /** The class of each of the four states. */
    const states = () =>
      page.$$eval("#states li", (items) => items.map((item) => item.className).join(","));
    const handshake = async () => {
      await page.waitForSelector("#handshake .http");
      return await page.$$eval("#handshake .http", (boxes) => boxes.map((box) => box.textContent));
    };
    const connected = async (url, protocols = "") => {
      await fill("#url", url);
      await fill("#protocols", protocols);
      await click("#connect button");
      await logged("^open:");
      await page.waitForSelector("#handshake .http"); // what is below it moves until then
    };

    test("begins with the URL of its own server, and nothing to send to", async () => {
      assert.equal(await page.$eval("#url", (url) => url.value), server.url.replace("http", "ws"));
      assert.equal(await page.$eval("#send-button", (button) => button.disabled), true);
      assert.equal(await states(), ",,,");
    });

    test("connects on Enter, and shows the state and the handshake", async () => {
      await fill("#protocols", "chat.v2, chat.v1");
      await page.focus("#url");
      await page.keyboard.press("Enter");
      await logged('^begin: new WebSocket\\("ws://.*trace=.*", \\["chat.v2","chat.v1"\\]\\)');
      await logged('^open: open protocol "chat.v2"');
      assert.equal(await states(), "passed,now,,");
      assert.match(await text("#state-means"), /^readyState 1 Both sides may send/);
      const [request, response] = await handshake();
      assert.match(request, /^GET \/\?trace=\w+ HTTP\/1\.1/);
      assert.match(request, /Sec-WebSocket-Key: [+/\w]{22}==/);
      assert.match(request, /Sec-WebSocket-Protocol: chat\.v2, chat\.v1/);
      assert.match(request, /Origin: http:/);
      assert.match(response, /^HTTP\/1\.1 101 Switching Protocols/);
      assert.match(response, /Sec-WebSocket-Accept: [+/\w]{27}=/);
      assert.match(response, /Sec-WebSocket-Protocol: chat\.v2(?!,)/);
    });

    test("sends text on Enter, and shows the echo and its bytes", async () => {
      await fill("#text", "héllo ✓");
      await page.keyboard.press("Enter");
      await logged('^sent: send\\(\\) text, 10 bytes: "héllo ✓"');
      await logged('^message: message text, 10 bytes: "héllo ✓"');
      await click("#log li[data-kind=message] summary");
      assert.equal(
        (await text("#log details[open] pre")).replace(/ {2,}/g, "  "),
        "0000  68 c3 a9 6c 6c 6f 20 e2  h··llo ·\n0008  9c 93  ··",
      );
    });

    test("sends bytes, and says which text is no hex", async () => {
      await click("input[value=hex]");
      await fill("#hex", "de ad 0xBE,ef");
      await click("#send-button");
      await logged("^message: message binary, 4 bytes: de ad be ef$");
      await fill("#hex", "xyz");
      await click("#send-button");
      await logged('^exception: TypeError Cannot read hex: "x" is no hex digit');
    });

    test("sends a file", async () => {
      await click("input[value=file]");
      await click("#send-button");
      await logged("^exception: TypeError Cannot send a file: none is picked");
      const file = await page.$("#file");
      await file.uploadFile(fileURLToPath(new URL("../../LICENSE", import.meta.url)));
      await click("#send-button");
      await logged("^message: message binary, 1.1 KiB: 4d 49 54 20 4c 69 …$");
    });

    test("shows how large messages drain from bufferedAmount", async () => {
      await click("input[value=large]");
      await page.select("#size", "67108864");
      await click("#send-button");
      await page.waitForFunction(
        () => /64 MiB drained in/.test(document.querySelector("#drained").textContent),
        { timeout: 30_000 },
      );
      assert.equal(await text("#buffered"), "0");
      const curve = await page.$eval("#graph", (graph) => graph.getAttribute("d"));
      assert.ok(curve.split("L").length > 2, `points of the curve: ${curve}`);
      await page.waitForFunction(
        () => document.querySelectorAll("#log li[data-kind=message]").length >= 7,
        { timeout: 30_000 },
      );
    });

    test("shows what close() throws, and that nothing changes then", async () => {
      await click("#try-close button[data-code='999']");
      await logged("^call: close\\(999\\)");
      await logged("^exception: InvalidAccessError .*999");
      await click("#try-close button[data-long]");
      await logged("^exception: SyntaxError .*123");
      assert.equal(await text("#reason-bytes"), "124 of 123 bytes");
      assert.equal(await states(), "passed,now,,");
    });

    test("closes with a code and a reason, and shows what came back", async () => {
      await fill("#code", "4001");
      await fill("#reason", "that was all");
      await page.keyboard.press("Enter");
      await logged('^call: close\\(4001, "that was all"\\)');
      await logged('^close: close code 4001, reason "that was all", wasClean true');
      assert.equal(await states(), "passed,passed,passed,now");
      const back = await Promise.all(["#closed-code", "#closed-reason", "#closed-clean"].map(text));
      assert.deepEqual(back, ["4001", '"that was all"', "true"]);
    });

    test("shows that send() after close only fills bufferedAmount", async () => {
      await click("input[value=text]");
      await fill("#text", "late");
      await click("#send-button");
      await logged("^note: Too late");
      assert.equal(await text("#buffered"), "4");
      assert.match(await text("#drained"), /4 bytes will never leave/);
    });

    test("shows a Close frame without a code as 1005", async () => {
      await connected(server.url.replace("http", "ws"));
      await click("#try-close button[data-code='']");
      await logged('^close: close code 1005, reason "", wasClean true');
    });

    test("shows CONNECTING, and that send() throws then", async () => {
      await click("#try-url button[data-query='?wait=1500']");
      assert.equal(await states(), "now,,,");
      await click("#send-button");
      await logged("^exception: InvalidStateError");
      await logged("^open:");
      assert.equal(await states(), "passed,now,,");
    });

    test("shows a server that closes", async () => {
      await click("#try-url button[data-query^='?close=4001']");
      await logged('^close: close code 4001, reason "bye", wasClean true');
      assert.match(await states(), /^passed,passed,(passed|skipped),now$/);
    });

    test("shows a URL that is wrong", async () => {
      await click("#try-url button[data-query='#part']");
      await logged("^exception: SyntaxError");
      await logged("^note: No socket was made");
      assert.equal(await states(), ",,,");
      assert.equal(await page.$eval("#send-button", (button) => button.disabled), true);
    });

    test("shows of another server what a browser knows, and says why that is all", async () => {
      await connected(foreign.url.replace("http", "ws"), "chat.v1");
      assert.doesNotMatch((await lines())[0], /trace=/);
      const [request, response] = await handshake();
      assert.ok(request.startsWith(`URL: ${foreign.url.replace("http", "ws")}`), request);
      assert.match(response, /^Sec-WebSocket-Protocol: chat\.v1/);
      assert.match(await text("#handshake"), /hides all other headers/);
      await connected(server.url.replace("http", "ws"));
      const end = 'code 1000, reason "another one is made", wasClean true';
      await logged(`^close: close ${end}, of the socket before this one$`);
      await foreign.printed(/1000 "another one is made"/);
    });

    test("has a label for each control, and room for it on a phone", async () => {
      const nameless = await page.$$eval(
        "input, select, button",
        (controls) =>
          controls.filter((control) =>
            control.tagName === "BUTTON"
              ? control.textContent.trim() === ""
              : control.labels.length === 0
          ).map((control) => control.outerHTML),
      );
      assert.deepEqual(nameless, []);
      await page.setViewport({ width: 360, height: 740 });
      const { scrollWidth } = await page.evaluate(() => ({
        scrollWidth: document.documentElement.scrollWidth,
      }));
      assert.equal(scrollWidth, 360);
      await page.setViewport({ width: 1280, height: 900 });
    });

    test("asks nobody but its server, and has complained of nothing", () => {
      assert.deepEqual(complaints, []);
      assert.deepEqual([...hosts], [new URL(server.url).host]);
    });

    test("shows a refusal, whose status only the server shows", async () => {
      await click("#try-url button[data-query='?refuse=403']");
      await logged("^error: error");
      await logged('^close: close code 1006, reason "", wasClean false');
      assert.match(await states(), /^passed,skipped,skipped,now failed$/);
      assert.match((await handshake())[1], /^HTTP\/1\.1 403 Forbidden/);
    });

    test("shows 1001 when the server is stopped", async () => {
      await connected(server.url.replace("http", "ws"));
      server.kill("SIGTERM");
      await logged('^close: close code 1001, reason "the server is stopping", wasClean true');
      assert.match(await text("#closed-means"), /going away/);
    });

    test("comes back by itself when its server was killed and started again", async () => {
      const { port } = new URL(server.url);
      await server.ended;
      server = await serving(["--port", port], [file, args]);
      await click("#reconnect");
      await connected(server.url.replace("http", "ws"));
      await logged('^begin: reconnect\\("ws://[^?]*"\\)');
      await logged("^connecting: connecting attempt 1$");
      server.kill("SIGKILL");
      await logged("^error: error The connection was lost$");
      await logged('^close: close code 1006, reason "", wasClean false');
      await logged("^waiting: waiting attempt 2 in [0-9.]+ m?s$");
      await page.waitForSelector("#states li.now.failed:first-child");
      await click("input[value=text]");
      await fill("#text", "kept");
      await click("#send-button");
      await logged('^sent: send\\(\\) text, 4 bytes: "kept"');
      await logged("^error: error The connection was not established");
      await logged("^waiting: waiting attempt [3-9] in ");
      await server.ended;
      server = await serving(["--port", port], [file, args]);
      await logged('^message: message text, 4 bytes: "kept"');
      assert.equal(await states(), "passed,now,,");
      const [request] = await handshake();
      assert.match(request, /^GET \/\?trace=\w+ HTTP\/1\.1/);
      await click("#try-close button[data-code='4001']");
      await logged('^close: close code 4001, reason "that was all", wasClean true');
      assert.equal(await states(), "passed,passed,passed,now");
      await click("#reconnect");
    });
  });
}
