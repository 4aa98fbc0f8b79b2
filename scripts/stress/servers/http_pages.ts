/**
 * Pages of correct programs, which repeat the request's nonce and path. Shared by the server under
 * attack and its bare twin.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import type { IncomingMessage, ServerResponse } from "node:http";
import { setTimeout as wait } from "node:timers/promises";

/** Milliseconds that handlers wait. */
export const WAITING = 20;

const LONG = "0123456789abcdef".repeat(65_536);

/** Returns path and query that a handler gets. */
function pathOf(url: string): string {
  const base = url.startsWith("/") ? `http://h${url}` : url;
  if (!URL.canParse(base)) return url;
  const { pathname, search } = new URL(base);
  return pathname + search;
}

/** Returns the first segment of a path, which selects the behaviour. */
export function mannerOf(url: string): string {
  return /^\/([a-z\d-]*)/.exec(pathOf(url))?.[1] ?? "";
}

/** Returns headers that repeat the request's nonce and path. */
export function marks(nonce: string | null | undefined, url: string): Record<string, string> {
  const path = pathOf(url).slice(0, 8000);
  return {
    ...(nonce && /^[\w-]{1,60}$/.test(nonce) && { "x-nonce": nonce }),
    "x-path": /^[!-~]*$/.test(path) ? path : encodeURI(path.toWellFormed()),
    "content-type": "text/plain",
  };
}

/** Makes a stream that fails after some chunks, as one of a file or of another server may. */
function failing(parts: number): ReadableStream<Uint8Array> {
  return new ReadableStream({
    async pull(controller) {
      await wait(1);
      if (parts-- > 0) controller.enqueue(new TextEncoder().encode("a part\n"));
      else controller.error(new Error("a stream that fails"));
    },
  });
}

/** Answers a standard `Request`. */
export async function page(request: Request, manner = mannerOf(request.url)): Promise<Response> {
  const headers = marks(request.headers.get("x-nonce"), request.url);
  if (manner === "read") {
    const { byteLength } = await request.arrayBuffer();
    return new Response("read\n", { headers: { ...headers, "x-length": `${byteLength}` } });
  }
  if (manner === "long") return new Response(LONG, { headers });
  if (manner === "fails") return new Response(failing(2), { headers });
  if (manner === "fails-first") return new Response(failing(0), { headers });
  if (manner === "slow") {
    let left = 5;
    const body = new ReadableStream<Uint8Array>({
      async pull(controller) {
        await wait(WAITING / 4);
        if (left-- > 0) controller.enqueue(new TextEncoder().encode("a part\n"));
        else controller.close();
      },
    });
    return new Response(body, { headers });
  }
  if (manner === "wait") await wait(WAITING);
  return new Response("a page\n", { headers });
}

/** Answers a request of `node:http`. */
export function nodePage(incoming: IncomingMessage, reply: ServerResponse, by = "pages"): void {
  const { url = "", headers } = incoming;
  const manner = mannerOf(url);
  const all = { ...marks(headers["x-nonce"] as string | undefined, url), "x-by": by };
  if (manner === "read") {
    const parts: Buffer[] = [];
    incoming.on("data", (part: Buffer) => parts.push(part));
    incoming.on("end", () => {
      reply.writeHead(200, { ...all, "x-length": Buffer.concat(parts).length }).end("read\n");
    });
    incoming.on("error", () => {});
  } else if (manner === "long") reply.writeHead(200, all).end(LONG);
  else if (manner === "slow") {
    reply.writeHead(200, all);
    let left = 5;
    const timer = setInterval(() => {
      if (left-- > 0 && !reply.destroyed) return void reply.write("a part\n");
      clearInterval(timer);
      reply.end();
    }, WAITING / 4);
  } else if (manner === "fails" || manner === "fails-first") {
    reply.writeHead(200, all);
    if (manner === "fails") reply.write("a part\n");
    setTimeout(() => incoming.socket.destroy(), 1); // after pipelined requests, its own destroy() has no effect
  } else if (manner === "wait") {
    setTimeout(() => reply.writeHead(200, all).end("a page\n"), WAITING);
  } else reply.writeHead(200, all).end("a page\n");
}
