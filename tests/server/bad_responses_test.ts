// Responses that cannot be sent: each is a 500 and a call of onError, behind every entry point. None ends the
// server, none shows a page of the runtime's own, and none splits the head of the answer.

import { type Handler, upgrade } from "@isosocket/isosocket";
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { request } from "../../src/testing/contract/raw_peer.ts";
import { utf8 } from "../../src/testing/contract/frame.ts";
import { TcpWire } from "../raw_peer/tcp_wire.ts";
import { entryPoints, type Open } from "./entry_points.ts";
import { ask } from "./raw_client.ts";

/** Headers of a handshake that upgrade() refuses with 426. */
const VERSION_8 = { "Sec-WebSocket-Version": "8" };

const READ = /^TypeError: Cannot answer: the body of the Response is read already/;

async function consumed(response: Response): Promise<Response> {
  await response.text();
  return response;
}

function locked(response: Response): Response {
  response.body!.getReader();
  return response;
}

/** As a package has it that brings a class of its own. */
function foreign(members: object): Response {
  const common = {
    status: 200,
    statusText: "",
    headers: new Headers(),
    body: null,
    type: "default",
  };
  return { [Symbol.toStringTag]: "Response", ...common, ...members } as unknown as Response;
}

function endless(): ReadableStream<Uint8Array<ArrayBuffer>> {
  return new ReadableStream({ pull: (controller) => controller.enqueue(utf8("part")) });
}

const BAD: Readonly<Record<string, readonly [make: () => unknown, error: RegExp]>> = {
  "whose text is read": [() => consumed(new Response("a page")), READ],
  "whose empty text is read": [() => consumed(new Response("")), READ],
  "of an UpgradeError that is read": [
    async () => {
      const { UpgradeError } = await import("@isosocket/isosocket");
      const { response } = new UpgradeError("no", 403);
      return await consumed(response);
    },
    READ,
  ],
  "whose body has a reader": [() => locked(new Response("a page")), READ],
  "whose stream has a reader": [() => locked(new Response(endless())), READ],
  "whose stream is cancelled": [
    async () => {
      const response = new Response(endless());
      await response.body!.cancel();
      return response;
    },
    READ,
  ],
  "of another class, whose body is read": [() => foreign({ bodyUsed: true }), READ],
  "of another class, whose stream has a reader": [
    () => {
      const body = endless();
      body.getReader();
      return foreign({ body });
    },
    READ,
  ],
  "of another class, that is an error": [() => foreign({ type: "error" }), /^TypeError/],
  "of another class, with status 101": [() => foreign({ status: 101 }), /with status 101/],
  "of another class, with status 99": [() => foreign({ status: 99 }), /with status 99/],
  "of another class, with a status that is none": [() => foreign({ status: 600 }), /^RangeError/],
  "of another class, with a body for 204": [
    () => foreign({ status: 204, body: endless() }),
    /^TypeError: Cannot answer with status 204 and a body: it must have none/,
  ],
  "of another class, with a header beyond Latin-1": [
    () => foreign({ headers: [["x-a", "\u2713"]] }),
    /^TypeError/,
  ],
  "of another class, with a line break in a header": [
    () => foreign({ headers: [["x-a", "a\r\nx-split: b"]] }),
    /^TypeError/,
  ],
  "of another class, with a line break behind its status": [
    () => foreign({ statusText: "OK\r\nx-split: b" }),
    /^TypeError: Cannot answer: the statusText "OK\\r\\nx-split: b" must be Latin-1/,
  ],
  "of another class, with a reason beyond Latin-1": [
    () => foreign({ statusText: "\u2713" }),
    /^TypeError: Cannot answer: the statusText "\\u2713" must be Latin-1/,
  ],
  "with status 101": [() => new Response(null, { status: 101 }), /^(?:Type|Range)Error/],
  "that is an error": [() => Response.error(), /^TypeError/],
  "that is none": [() => ({ status: 200 }), /^TypeError: Cannot answer: the handler must return/],
  "that is null": [() => null, /^TypeError: Cannot answer: the handler must return/],
  "that cannot be asked what it is": [
    () => ({
      get [Symbol.toStringTag]() {
        throw new Error("a bug");
      },
    }),
    /^Error: a bug/,
  ],
  "that is a promise which cannot be asked": [
    () => ({
      get then() {
        throw new Error("a bug");
      },
    }),
    /^Error: a bug/,
  ],
};

/** Streams that fail: by then, the head may have left, and all that is left is to cut the answer. */
const FAILING: Readonly<Record<string, () => ReadableStream>> = {
  "at once": () =>
    new ReadableStream({ start: (controller) => controller.error(new Error("a bug")) }),
  "before its first part": () =>
    new ReadableStream({
      async pull() {
        await new Promise((resolve) => setTimeout(resolve, 1));
        throw new Error("a bug");
      },
    }),
  "in the middle": () => {
    let parts = 0;
    return new ReadableStream({
      async pull(controller) {
        await new Promise((resolve) => setTimeout(resolve));
        if (parts++ === 3) throw new Error("a bug");
        controller.enqueue(utf8("part"));
      },
    });
  },
  "since it has no bytes": () => new ReadableStream({ start: (it) => it.enqueue({}) }),
};

/** A value whose class and properties cannot be read: each attempt throws. */
function unaskable(): object {
  const no = (): never => {
    throw new Error("a bug");
  };
  return new Proxy({}, { get: no, getPrototypeOf: no, has: no, getOwnPropertyDescriptor: no });
}

/** Handlers whose outcome throws when it is looked at. */
const UNASKABLE: Readonly<Record<string, Handler>> = {
  "throws what cannot be asked": () => {
    throw unaskable();
  },
  "rejects with what cannot be asked": () => Promise.reject(unaskable()),
  "returns what cannot be asked": () => unaskable() as Response,
  "throws a refusal whose response is read": async () => {
    const { UpgradeError } = await import("@isosocket/isosocket");
    const used = new Response("no", { status: 403 });
    await used.text();
    throw Object.defineProperty(new UpgradeError("no", 403), "response", { value: used });
  },
  "makes a response of a refusal that can be asked once": (request) => {
    const response = new Response("no", { status: 426 });
    let times = 0;
    Object.defineProperty(response, "statusText", {
      get() {
        if (++times > 1) throw new Error("a bug");
        return "";
      },
    });
    try {
      upgrade(request);
    } catch {
      // As a framework does, it answers in its own way.
    }
    return response;
  },
};

for (const entryPoint of entryPoints) {
  let open: Open;
  let handler: Handler;
  const errors: unknown[] = [];
  before(async () => {
    const onError = (error: unknown): void => void errors.push(error);
    open = await entryPoint.open((request, info) => handler(request, info), { onError });
  });
  after(async () => {
    TcpWire.dropAll();
    await open.close();
  });

  /** Asks for what a handler makes, and shows afterwards that the server lives. */
  const using = async (make: () => unknown, use: () => Promise<unknown>): Promise<void> => {
    errors.length = 0;
    handler = () => make() as Response;
    await use();
    handler = () => new Response("alive");
    const alive = await ask(open.connect, asking());
    assert.deepEqual([alive.status, await alive.body()], [200, "alive"]);
  };
  const asking = (): Uint8Array<ArrayBuffer> =>
    entryPoint.hasPages ? utf8("GET / HTTP/1.1\r\nHost: a\r\n\r\n") : request("/");

  for (const [what, [make, error]] of Object.entries(BAD)) {
    test(`${entryPoint.name}: a response ${what} is a 500`, async () => {
      await using(make, async () => {
        const answer = await ask(open.connect, asking());
        assert.deepEqual([answer.status, answer.header("x-split")], [500, undefined], answer.head);
        assert.equal(await answer.body(), "Internal Server Error\n");
        assert.equal(errors.length, 1);
        assert.match(String(errors[0]), error);
      });
    });
  }

  for (const [what, handle] of Object.entries(UNASKABLE)) {
    test(`${entryPoint.name}: a handler that ${what} is a 500`, async () => {
      await using(() => undefined, async () => {
        handler = handle;
        const answer = await ask(open.connect, request("/", VERSION_8));
        assert.equal(answer.status, 500, answer.head);
        assert.equal(await answer.body(), "Internal Server Error\n");
        assert.equal(errors.length, 1);
      });
    });
  }

  for (const [when, make] of Object.entries(FAILING)) {
    test(`${entryPoint.name}: a response whose stream fails ${when} is cut`, async () => {
      await using(() => new Response(make()), async () => {
        const wire = await open.connect();
        await wire.write(asking());
        let text = "";
        for (let bytes; (bytes = await wire.read()) !== undefined;) {
          text += new TextDecoder().decode(bytes);
        }
        await wire.end();
        assert.doesNotMatch(text, /\r\n0\r\n\r\n|a bug|<html|_test/i); // neither whole, nor explained
        // A head without a length is whole when the connection ends (RFC 9112, 6.3).
        const [head, isWhole] = [text.split("\r\n\r\n")[0]!, text.includes("\r\n\r\n")];
        if (isWhole) assert.match(head, /^transfer-encoding: chunked$|^content-length:/im);
        const { unreported } = entryPoint;
        assert.equal(errors.length, unreported === undefined ? 1 : 0, unreported);
      });
    });
  }

  test(`${entryPoint.name}: a response is not changed by being looked at`, async () => {
    await using(() => new Response("a page"), async () => {
      const answer = await ask(open.connect, asking());
      assert.deepEqual([answer.status, await answer.body()], [200, "a page"]);
      if (entryPoint.reader.includes("node")) return;
      // The runtimes' own servers say how long a text is, and that it is one, unless somebody has
      // made a stream of it.
      assert.equal(answer.header("content-length"), "6");
      assert.match(answer.header("content-type") ?? "", /^text\/plain; ?charset=utf-8$/i);
    });
  });
}
