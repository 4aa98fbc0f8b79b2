// What `isosocket connect` says when it is refused, or has come to the wrong port.

import { serve, type Server } from "@isosocket/isosocket";
import assert from "node:assert/strict";
import { once } from "node:events";
import net, { type AddressInfo } from "node:net";
import { after, before, test } from "node:test";
import { failureReason, refusalLines } from "../../../src/cli/shared/failure_reason.ts";
import { localhost } from "../../client/certificates.ts";
import { hintingAtTls } from "../../../src/cli/connect/tls_hint.ts";
import { openStreamOn } from "../../../src/cli/connect/stream.ts";
import type { LinkEvents } from "../../../src/core/link.ts";
import { dialerBy } from "../../../src/portable/connect.ts";
import { run, skip } from "../command.ts";
import { type CliHarness, startHarness } from "../harness.ts";

const options = { skip };
let harness: CliHarness;
let secure: Server;
/** A server that speaks another protocol, first. */
let mail: net.Server;

before(async () => {
  harness = await startHarness();
  const at = { port: 0, hostname: "127.0.0.1", engine: "tcp", tls: localhost } as const;
  secure = await serve(at, () => new Response("No", { status: 400 }));
  mail = net.createServer((socket) => void socket.on("error", () => {}).end("220 mail\r\n"));
  mail.listen(0, "127.0.0.1");
  await once(mail, "listening");
});
after(async () => {
  mail.close();
  await Promise.all([harness.server.close(), secure.close({ deadline: 0 })]);
});

test("connect shows what a refusal says, escaped and within bounds", options, async () => {
  const { code, stdout, stderr } = await run("connect", harness.at("/rude"), "-n", "-q");
  const lines = stderr.split("\n");
  assert.deepEqual(lines.slice(0, 6), [
    `Cannot connect to ${harness.at("/rude")}: the server answered 401 Unauthorized`,
    '  www-authenticate: Basic realm=\\"a\\tb\\"',
    "  retry-after: 60",
    `  ${"x".repeat(300)}…`,
    "  ",
    "  line 0 \\u001b[2J\\u202e",
  ]);
  assert.deepEqual(lines.slice(14), ["  line 9 \\u001b[2J\\u202e", "  …", ""]);
  assert.deepEqual([code, stdout], [1, ""]);
});

test("connect says in words that a port speaks TLS, or does not", options, async () => {
  const plain = harness.at("/").replace("ws:", "wss:");
  const [toTls, toPlain] = await Promise.all([
    run("connect", `ws://127.0.0.1:${secure.port}/`, "-n"),
    run("connect", plain, "-n"),
  ]);
  const at = `Cannot connect to ws://127.0.0.1:${secure.port}/`;
  assert.equal(toTls.stderr, `${at}: that port speaks TLS: its address begins with wss:\n`);
  const words = "that port does not speak TLS: its address begins with ws:";
  assert.equal(toPlain.stderr, `Cannot connect to ${plain}: ${words}\n`);
});

test("hintingAtTls() says nothing of TLS where another protocol is spoken", async () => {
  const { port } = mail.address() as AddressInfo;
  const openStream = openStreamOn({ unix: undefined, proxyFor: () => undefined });
  const dial = hintingAtTls(dialerBy({ engine: "tcp" }).dial, openStream);
  const request = { url: `ws://127.0.0.1:${port}/`, protocols: [], closeTimeout: 0, maxPayload: 1 };
  const cause = await new Promise<unknown>((failed) => dial(request)({ failed } as LinkEvents));
  assert.doesNotMatch((cause as Error).message, /TLS/);
});

test("refusalLines() shows where a redirect leads, without its password", () => {
  const headers = new Headers({ location: "//user:s3cret@b.example/\x9b", "x-other": "no" });
  const cause = { status: 307, headers, body: "It has moved" };
  assert.deepEqual(refusalLines(new Error("It failed", { cause })), [
    "  location: //user:***@b.example/\\u009b  (--location follows it)",
    "  It has moved",
  ]);
  const choices = { status: 300, headers: new Headers({ location: "/b" }) };
  assert.deepEqual(refusalLines(new Error("It failed", { cause: choices })), ["  location: /b"]);
});

test("failureReason() has words for what OpenSSL, BoringSSL and rustls say", () => {
  const said: [code: string, message: string, says: RegExp][] = [
    [
      "EPROTO",
      "write EPROTO 40:error:0A00010B:SSL routines::wrong version number:",
      /does not speak TLS/,
    ],
    ["ERR_SSL_WRONG_VERSION_NUMBER", "received corrupt message", /does not speak TLS/],
    [
      "ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED",
      "tlsv13 alert certificate required",
      /asks who you are.+--cert and --key$/,
    ],
    ["", "received fatal alert: CertificateRequired", /asks who you are/],
    ["ERR_SSL_TLSV1_ALERT_UNKNOWN_CA", "alert", /does not trust the certificate of --cert$/],
    ["", "received fatal alert: UnknownCA", /does not trust the certificate of --cert$/],
    ["ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION", "alert", /no version of TLS/],
    ["ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE", "alert", /nothing in TLS that both/],
    ["ERR_TLS_CERT_ALTNAME_INVALID", "Hostname/IP does not match", /for another name/],
    ["CERT_HAS_EXPIRED", "expired", /has expired/],
    ["DEPTH_ZERO_SELF_SIGNED_CERT", "self-signed", /--ca <file>/],
  ];
  for (const [code, message, says] of said) {
    const cause = Object.assign(new Error(message), { code });
    assert.match(failureReason(new Error("It failed", { cause })), says, code || message);
  }
});

test("refusalLines() has none for a failure without an answer, nor for an empty one", () => {
  for (const cause of [undefined, {}, { status: 403, headers: new Headers(), body: " \r\n" }]) {
    assert.deepEqual(refusalLines(new Error("It failed", { cause })), []);
  }
});
