// The command `isosocket connect` on a terminal, and what it draws there.

import assert from "node:assert/strict";
import { createPrivateKey } from "node:crypto";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { client } from "../../client/certificates.ts";
import { type CliHarness, startHarness } from "../harness.ts";
import { onTerminal, skipTerminal } from "../terminal.ts";

const options = { skip: skipTerminal };
const CTRL_C = "\x03", CTRL_D = "\x04", UP = "\x1b[A", LEFT = "\x1b[D";
const PROMPT = /> ␛\[3G$/;
let harness: CliHarness;
let folder: string;

before(async () => {
  harness = await startHarness();
  folder = await mkdtemp(join(tmpdir(), "terminal-"));
});
after(async () => {
  await harness.server.close();
  await rm(folder, { recursive: true });
});

test(
  "connect on a terminal edits lines, finds the last ones, and executes commands",
  options,
  async () => {
    const file = join(folder, "bytes");
    await writeFile(file, Uint8Array.of(1, 2, 3));
    const { code, text } = await onTerminal(["connect", harness.at("/")], [
      [PROMPT, "helo"],
      [/helo$/, LEFT], // key by key: Node 20 takes what comes at once for what is behind the line
      [/␛\[1D$/, "l"],
      [/> hello␛\[7G$/, "\r"],
      [/< hello\r\n/, `${UP}!\r`],
      [/< hello!\r\n/, "//slash\r"],
      [/< \/slash\r\n/, "/hex 00 41\r"],
      [/< binary, 2 bytes\r\n {2}0000 {2}00 41 +·A\r\n/, `/file ${file}\r`],
      [/< binary, 3 bytes\r\n/, "/ping abc\r"],
      [/Pong after [\d.]+ .s\r\n/, "/clsoe\r"],
      [/There is no command \/clsoe\. Did you mean \/close\?\r\n/, "/file /none\r"],
      [/Cannot read \/none: there is no such file\r\n/, "/hex 0\r"],
      [/Cannot read hex: /, "/close 1006\r"],
      [/Cannot close with code 1006: /, "/help\r"],
      [/sends bytes\r\n/, "/close 4001 bye bye\r"],
    ]);
    assert.match(text, /Closed: 4001 "bye bye"\r\n$/);
    assert.equal(code, 0);
    assert.equal(harness.codes.at(-1), 4001);
  },
);

for (const [name, key] of [["Ctrl-C", CTRL_C], ["Ctrl-D", CTRL_D]] as const) {
  test(`connect on a terminal closes on ${name}, and ends with 0`, options, async () => {
    const { code, text } = await onTerminal(["connect", harness.at("/")], [[PROMPT, key]]);
    assert.match(text, /Closed: 1000\r\n$/);
    assert.equal(code, 0);
  });
}

test(
  "connect on a terminal gives up on Ctrl-C when no server answers, and ends with 1",
  options,
  async () => {
    const { code, text } = await onTerminal(["connect", "ws://127.0.0.1:1/", "--reconnect"], [
      [/Attempt 2 in /, CTRL_C],
    ]);
    assert.match(text, /Closed, while there was no connection\r\n$/);
    assert.equal(code, 1);
  },
);

test("connect on a terminal shows what comes above a line that wraps", options, async () => {
  const line = `${"words ".repeat(20)}end`;
  const { text } = await onTerminal(["connect", harness.at("/")], [
    [PROMPT, line],
    [/end$/, () => harness.server.sockets.forEach((socket) => socket.send("late"))],
    [/late\r\n/, "\r"],
    [/< words/, CTRL_D],
  ]);
  // Up from the second row, wiped from there, and drawn anew below.
  assert.ok(
    text.includes(`␛[1A␛[1G␛[0J< late\r\n␛[1G␛[0J> ${line}`),
    JSON.stringify(text),
  );
});

test("connect on a terminal shows control characters as escapes", options, async () => {
  const { text } = await onTerminal(["connect", harness.at("/controls"), "--once"], []);
  assert.ok(text.includes("< \\u001b[2J\\u202eabc\r\n\tdef\r\n"), JSON.stringify(text));
});

test("connect on a terminal asks for a passphrase, and does not show it", options, async () => {
  const [cert, key] = [join(folder, "cert.pem"), join(folder, "key.pem")];
  const cipher = { type: "pkcs8", format: "pem", cipher: "aes-256-cbc" } as const;
  await writeFile(cert, client.cert);
  await writeFile(key, createPrivateKey(client.key).export({ ...cipher, passphrase: "s3crét" }));
  const url = harness.at("/").replace("ws:", "wss:");
  const { code, text } = await onTerminal(["connect", url, "--cert", cert, "--key", key], [
    [/Passphrase of \S+key\.pem: $/, "s3crx\x7fét\r"],
  ]);
  assert.match(text, /that port does not speak TLS/); // so the key was taken
  assert.equal(code, 1);
  assert.doesNotMatch(text, /s3cr/);
});

test("connect keeps the history in a file if it is asked to", options, async () => {
  const file = join(folder, "history");
  const args = ["connect", harness.at("/"), "--history", file];
  await onTerminal(args, [[PROMPT, "one\r"], [/< one/, "two\r"], [/< two/, CTRL_D]]);
  assert.equal(await readFile(file, "utf8"), "one\ntwo\n");
  await onTerminal(args, [[PROMPT, `${UP}${UP}!\r`], [/< one!/, CTRL_D]]);
  assert.equal(await readFile(file, "utf8"), "one\ntwo\none!\n");
});

test("connect paints on a terminal, unless NO_COLOR is set", options, async () => {
  const args = ["connect", harness.at("/"), "-x", "hi", "--once"];
  const painted = await onTerminal(args, [], { env: { NO_COLOR: "" } });
  assert.match(painted.text, /␛\[32mConnected to /);
  assert.match(painted.text, /␛\[36m<␛\[39m hi/);
  const plain = await onTerminal(args, []);
  assert.doesNotMatch(plain.text, /␛\[\d+m/);
});

test("bench on a terminal draws a bar and a histogram that fit", options, async () => {
  for (const columns of [60, 120]) {
    const args = ["bench", harness.at("/"), "-t", "0.5", "--warm-up", "0", "-c", "2"];
    const { code, text } = await onTerminal(args, [], { columns });
    assert.equal(code, 0, text);
    assert.match(text, /\r␛\[K\[#*-*\] 0:01 left {2}[\d,]+ messages\/s\r␛\[K/);
    const report = text.slice(text.lastIndexOf("␛[K") + 3).split("\r\n");
    assert.ok(report.some((line) => line.includes("█")), text);
    for (const line of report) assert.ok(line.length <= columns, line);
  }
});
