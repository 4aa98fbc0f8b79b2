/** Rules about close codes and reasons. @module */

import assert from "node:assert/strict";
import type { Rule } from "../rule.ts";
import { observed, opened } from "../opened.ts";
import { close as closeFrame } from "../frame.ts";

const BY_ALL = [1000, 3000, 3999, 4000, 4999];
const BY_SERVERS = [1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014];
const BY_NOBODY = [0, 1, 999, 1004, 1005, 1006, 1015, 1016, 2000, 2999, 5000, 65535];

/**
 * Makes a rule that receives Close frames, each on a connection of its own.
 *
 * @param expected Returns the code and `wasClean` of the `close` event that a frame's code leads to.
 */
function ends(
  frames: readonly { code: number; payload?: Uint8Array<ArrayBuffer> }[],
  expected: (code: number) => [number, boolean],
): Rule {
  return {
    only: "wire",
    async try(harness) {
      for (const { code, payload } of frames) {
        const { peer, log } = await observed(harness);
        await peer.send(payload === undefined ? closeFrame(code, "x") : { opcode: 8, payload });
        await peer.next();
        await peer.wire.end();
        const end = await log.next("close");
        assert.deepEqual([end.code, end.wasClean], expected(code), `code ${code}`);
      }
    },
  };
}

/** Rules about close codes and reasons. */
export const closeCodes: Readonly<{ [promise: string]: Rule }> = {
  "close() sends each code that this end may send": {
    async try(harness) {
      const codes = harness.role === "server" ? [...BY_ALL, ...BY_SERVERS] : BY_ALL;
      for (const code of codes) {
        const { socket, peer } = await opened(harness);
        socket.close(code);
        assert.deepEqual(await peer.part(), { kind: "close", code, reason: "" });
      }
    },
  },

  "close() refuses other codes with InvalidAccessError, and sends nothing": {
    async try(harness) {
      const { socket, peer } = await opened(harness);
      const codes = harness.role === "server" ? BY_NOBODY : [...BY_NOBODY, ...BY_SERVERS];
      for (const code of [...codes, -1, NaN, Infinity, 2 ** 16 + 1000]) {
        assert.throws(() => socket.close(code), { name: "InvalidAccessError" }, String(code));
      }
      assert.equal(socket.readyState, 1);
      socket.send("nothing before this");
      assert.deepEqual(await peer.next(), { kind: "text", data: "nothing before this" });
      socket.close("3000" as unknown as number, 7 as unknown as string); // as WebIDL converts
      assert.deepEqual(await peer.part(), { kind: "close", code: 3000, reason: "7" });
      assert.throws(() => socket.close(999), { name: "InvalidAccessError" });
    },
  },

  "close() takes reasons up to 123 bytes of UTF-8, and refuses longer ones with SyntaxError": {
    async try(harness) {
      const whole = ["x".repeat(123), "é".repeat(61) + "x", "✓".repeat(41), "𝄞".repeat(30) + "abc"];
      for (const reason of whole) {
        const { socket, peer } = await opened(harness);
        for (const long of [reason + "x", "é".repeat(62), "\ud800".repeat(42)]) {
          assert.throws(() => socket.close(1000, long), { name: "SyntaxError" });
        }
        socket.close(1000, reason);
        assert.deepEqual(await peer.part(), { kind: "close", code: 1000, reason });
      }
    },
  },

  "half a surrogate pair in a reason becomes U+FFFD": {
    async try(harness) {
      const { socket, peer } = await opened(harness);
      socket.close(1000, "a\ud800b");
      assert.deepEqual(await peer.part(), { kind: "close", code: 1000, reason: "a\ufffdb" });
    },
  },

  "each code that a peer may send is reported": ends(
    [...BY_ALL, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013].map((code) => ({
      code,
    })),
    (code) => [code, true],
  ),

  "1014 from a peer is reported": ends([{ code: 1014 }], () => [1014, true]),

  "codes that nobody may send are 1006": ends(
    BY_NOBODY.filter((code) => code !== 1005).map((code) => ({ code })),
    () => [1006, false],
  ),

  "1005, which stands for no code, is 1006 where a peer sends it": ends(
    [{ code: 1005 }],
    () => [1006, false],
  ),

  "a Close frame of one byte is 1006": ends(
    [{ code: 0, payload: Uint8Array.of(3) }],
    () => [1006, false],
  ),

  "a reason that is not UTF-8 is 1006": ends(
    [{ code: 1000, payload: Uint8Array.of(3, 0xe8, 0xff, 0xfe) }],
    () => [1006, false],
  ),
};
