import assert from "node:assert/strict";
import { test } from "node:test";
import { cases } from "../../../src/conformance/cases/mod.ts";
import { toDump } from "../../../src/conformance/repro/dump.ts";
import { toFound } from "../../../src/conformance/repro/found.ts";
import { headerInWords, hexdump } from "../../../src/conformance/repro/hexdump.ts";
import { hex } from "../../../src/conformance/wire/frame.ts";
import { failure, NASTY, run, UNSHOWN } from "../report/sample.ts";

const dumpOf = (id: string, options = {}): string =>
  toDump(cases.find((one) => one.id === id)!, options);

test("hexdump() has offsets, digits and ASCII, and tells what is left", () => {
  const octets = new Uint8Array(40).fill(0x41);
  octets[1] = 0x0a;
  assert.deepEqual(hexdump(octets.subarray(0, 18), 9), [
    "000000  41 0a 41 41 41 41 41 41  41 41 41 41 41 41 41 41  A.AAAAAAAAAAAAAA",
    "000010  41 41                                             AA",
  ]);
  assert.deepEqual(hexdump(octets, 1).at(-1), "…       24 more octets, 40 in all");
  assert.deepEqual(hexdump(new Uint8Array(0), 9), []);
});

test("headerInWords() names the fields of a frame, whatever they say", () => {
  const words = (digits: string): string => headerInWords(hex(digits));
  assert.equal(words("8900"), "FIN 1 · RSV 000 · opcode 9 (Ping) · not masked · length 0");
  assert.equal(
    words("51fe007e01020304"),
    "FIN 0 · RSV 101 · opcode 1 (Text) · mask 01020304 · length 126 in 2 octets",
  );
  assert.match(words("827fffffffffffffffff"), /length 18446744073709551615 in 8 octets$/);
  assert.equal(words("82"), "1 octet of a header");
  assert.equal(words("827e00"), "Binary, a header cut short");
  assert.match(words("8b00"), /opcode 11 \(Opcode 11\)/);
});

test("toDump() has the handshake, the frames and what is expected", () => {
  const text = dumpOf("5.5/refuses-a-ping-of-126-bytes", { host: "a:1", target: "/b" });
  assert.match(
    text,
    /^5\.5\/refuses-a-ping-of-126-bytes\n {2}A control frame .*\n {2}RFC 6455, 5\.5/,
  );
  assert.match(text, /\n {2}GET \/b HTTP\/1\.1\n {2}Host: a:1\n/);
  assert.match(text, /\n← expects 101 Switching Protocols\n→ sends\n {2}Ping fe fe/);
  assert.match(
    text,
    /FIN 1 · RSV 000 · opcode 9 \(Ping\) · mask 9a3c5e71 · length 126 in 2 octets/,
  );
  assert.match(text, /\n {4}000000 {2}89 fe 00 7e 9a 3c 5e 71 {2}64 c2/);
  assert.match(text, /\n← expects the connection to fail with Close 1002\n/);
});

test("toDump() for a client has what the judge sends as a server", () => {
  const text = dumpOf("5.5/refuses-a-ping-of-126-bytes", { subject: "client" });
  assert.match(text, /→ sends a response\n {2}HTTP\/1\.1 101 Switching Protocols\n/);
  assert.match(text, /not masked · length 126 in 2 octets\n {4}000000 {2}89 7e 00 7e fe fe/);
});

test("toDump() of every case is short, printable text", () => {
  let longest = 0;
  for (const one of cases) {
    for (const subject of one.judges) {
      const text = toDump(one, { subject });
      assert.doesNotMatch(text, UNSHOWN, one.id);
      longest = Math.max(longest, text.split("\n").length);
    }
    // They stand in commands to copy.
    assert.match(one.id, /^[\w.:/-]+$/);
  }
  console.log(`${cases.length} cases, at most ${longest} lines`);
  assert.ok(longest < 400, `${longest}`);
});

test("toFound() escapes what a target has sent", () => {
  const found = failure(NASTY, {
    notes: [NASTY],
    expected: NASTY,
    got: NASTY,
    wire: [
      { at: 1, from: "peer", what: "http", text: `HTTP/1.1 101\r\nServer: ${NASTY}\r\n`, size: 9 },
      { at: 1, from: "peer", what: "frame", text: NASTY, size: 99, hex: "zz81021b5b" },
    ],
  });
  const text = toFound([run([], { agent: NASTY, target: NASTY, started: NASTY }), found]);
  assert.doesNotMatch(text, UNSHOWN);
  assert.match(text, /\n {10}1\.0 ms|\n {5}1\.0 ms ← HTTP\/1\.1 101\n {14}Server: <\/script>/);
  assert.match(text, /81 02 1b 5b/);
  assert.match(text, /… {7}99 octets in all/);
});
