/** Answers plain HTTP: the inspector page, its files, and handshakes. @module */

import type { Handshakes } from "./handshakes.ts";
import { page } from "./page.ts";
import { bundle } from "./reconnect_bundle.ts";
import { script } from "./script.ts";
import { style } from "./style.ts";

const HEADERS = {
  "cache-control": "no-store",
  "content-security-policy": [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src data:",
    "connect-src 'self' ws: wss:", // the page may connect to any WebSocket
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join("; "),
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
};

const files: Readonly<Record<string, readonly [type: string, text: string]>> = {
  "/": ["text/html", page],
  "/inspector.css": ["text/css", style],
  "/inspector.js": ["text/javascript", script],
  "/reconnect.js": ["text/javascript", bundle],
};

/** Answers a request that is not a WebSocket handshake. */
export function answerPage(request: Request, handshakes: Handshakes): Response {
  const { pathname, searchParams } = new URL(request.url);
  if (request.method !== "GET" && request.method !== "HEAD") {
    return plain(405, `Cannot ${request.method}: this server answers GET`, { allow: "GET, HEAD" });
  }
  if (Object.hasOwn(files, pathname)) {
    const [type, text] = files[pathname]!;
    return new Response(text, {
      headers: { ...HEADERS, "content-type": `${type}; charset=utf-8` },
    });
  }
  if (pathname === "/handshake") {
    const handshake = handshakes.get(searchParams.get("trace") ?? "");
    if (handshake === undefined) return plain(404, "Cannot show the handshake: no such trace");
    return Response.json(handshake, { headers: HEADERS });
  }
  return plain(404, "Nothing here: the page is at /, and each path takes a WebSocket");
}

function plain(status: number, text: string, headers: Record<string, string> = {}): Response {
  return new Response(`${text}\n`, {
    status,
    headers: { ...HEADERS, ...headers, "content-type": "text/plain; charset=utf-8" },
  });
}
