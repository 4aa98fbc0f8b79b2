/** Rules about clients: their handshake, and the errors of a handshake that fails. @module */

import assert from "node:assert/strict";
import { Socket } from "../../../core/socket.ts";
import { queueTask } from "../../../core/task.ts";
import type { ConnectSettings, Harness, Rule } from "../rule.ts";
import { headerOf } from "../raw_peer.ts";
import { observed, opened, part } from "../opened.ts";
import { EventLog } from "../event_log.ts";

const NOT_ESTABLISHED = "The connection was not established";

/** Answers a handshake in a way that fails it, and returns the client's error. */
async function refused(
  harness: Harness,
  answer: Required<ConnectSettings>["answer"],
): Promise<Error> {
  const { peer, log } = await observed(harness, {
    answer,
  });
  await peer.wire.end();
  assert.equal((await log.next("close")).code, 1006);
  assert.deepEqual(log.types, ["error", "close"]);
  const [error] = log.errors;
  assert.ok(error instanceof Error);
  return error;
}

/** Returns the head of a client's request. */
async function requestWith(harness: Harness, settings: ConnectSettings): Promise<string> {
  let seen = "";
  const connected = await opened(harness, {
    ...settings,
    answer: (request, right) => {
      seen = request;
      return right;
    },
  });
  await part(connected);
  return seen;
}

/** Rules about a client's handshake. */
export const connect: Readonly<{ [promise: string]: Rule }> = {
  "headers of a client reach the server": {
    only: ["client", "wire"],
    async try(harness) {
      const headers = {
        authorization: "Bearer abc.def",
        cookie: "a=1; b=2",
        origin: "https://app.example",
        "x-trace": "0af7651916cd43dd",
      };
      const request = await requestWith(harness, { headers });
      for (const [name, value] of Object.entries(headers)) {
        assert.equal(headerOf(request, name), value, name);
      }
    },
  },

  "a client's user-agent is the one that it was given": {
    only: ["client", "wire"],
    async try(harness) {
      const request = await requestWith(harness, { headers: { "user-agent": "probe/1.0" } });
      assert.equal(headerOf(request, "user-agent"), "probe/1.0");
    },
  },

  "a user and a password in a client's address are sent as Basic credentials, decoded": {
    only: ["client", "wire"],
    async try(harness) {
      const sent = {
        "user:pass": "dXNlcjpwYXNz",
        "user": "dXNlcjo=",
        ":pass": "OnBhc3M=",
        "a%40b:p%3Aq%2Fr%25": "YUBiOnA6cS9yJQ==",
        "us%C3%A9r:p\u00e4ss": "dXPDqXI6cMOkc3M=", // UTF-8
      };
      for (const [userinfo, credentials] of Object.entries(sent)) {
        const request = await requestWith(harness, { userinfo });
        assert.equal(headerOf(request, "authorization"), `Basic ${credentials}`);
        assert.ok(
          !request.split("\r\n")[0]!.includes("@") && !headerOf(request, "host")!.includes("@"),
        );
      }
      const headers = { authorization: "Bearer abc" };
      const request = await requestWith(harness, { userinfo: "user:pass", headers });
      assert.equal(headerOf(request, "authorization"), "Bearer abc");
    },
  },

  "an answer that is not acceptable is one error, whose cause is what the runtime reports": {
    only: ["client", "wire"],
    async try(harness) {
      const answers: readonly Required<ConnectSettings>["answer"][] = [
        () => "HTTP/1.1 401 Unauthorized\r\nContent-Length: 0",
        () => "HTTP/1.1 302 Found\r\nLocation: /elsewhere\r\nContent-Length: 0",
        (_, right) => right.replace("Upgrade: websocket", "Upgrade: h2c"),
        () => "SSH-2.0-OpenSSH_9.6",
      ];
      for (const answer of answers) {
        const { message, cause } = await refused(harness, answer);
        assert.ok(message.startsWith(NOT_ESTABLISHED), message);
        if (cause === undefined) continue;
        assert.ok(cause instanceof Error);
        assert.ok(cause.message !== "" && message.endsWith(cause.message), message);
      }
    },
  },

  "a client reports the status of the answer that refused it": {
    only: ["client", "wire"],
    async try(harness) {
      for (const status of [200, 302, 401, 404, 503]) {
        const { cause } = await refused(
          harness,
          () => `HTTP/1.1 ${status} Refused\r\nLocation: /elsewhere\r\nContent-Length: 0`,
        );
        assert.equal((cause as { status?: number } | undefined)?.status, status);
      }
    },
  },

  "a client fails if the server does not prove that it speaks WebSocket": {
    only: ["client", "wire"],
    async try(harness) {
      const { message } = await refused(
        harness,
        (_, right) => right.replace(/Sec-WebSocket-Accept: ./, "$&x"), // RFC 6455, 4.1
      );
      assert.ok(message.startsWith(NOT_ESTABLISHED), message);
    },
  },

  "a signal that is aborted while CONNECTING fails a client, and its reason is the cause": {
    only: "client without an answer",
    async try(harness) {
      const controller = new AbortController();
      const socket = await harness.dial!({ signal: controller.signal });
      const log = new EventLog(socket);
      const reason = new RangeError("enough");
      controller.abort(reason);
      assert.deepEqual(log.types, []);
      const { code, wasClean } = await log.next("close");
      assert.deepEqual([code, wasClean], [1006, false]);
      for (let i = 0; i < 5; i++) await new Promise<void>((resolve) => queueTask(resolve));
      assert.deepEqual(log.types, ["error", "close"]);
      assert.deepEqual(log.states, [Socket.CLOSED, Socket.CLOSED]);
      const [error] = log.errors as Error[];
      assert.deepEqual([error!.name, error!.cause], ["AbortError", reason]);
    },
  },

  "a signal that is aborted later closes a client, as close() does": {
    only: "client",
    async try(harness) {
      const controller = new AbortController();
      const { socket, peer, log } = await opened(harness, { signal: controller.signal });
      socket.send("before");
      controller.abort();
      assert.equal(socket.readyState, Socket.CLOSING);
      assert.deepEqual(await peer.next(), { kind: "text", data: "before" });
      assert.deepEqual(await peer.part(), { kind: "close", code: undefined, reason: "" });
      const { code, wasClean } = await log.next("close");
      assert.deepEqual([code, wasClean], [1005, true]);
      assert.deepEqual(log.types, ["open", "close"]);
    },
  },
};
