// The entry point of Deno accepts and returns Deno's own types. Checked by Deno itself.

import { type DenoServeInfo, upgrade, wrap } from "@isosocket/isosocket/deno";
import { connect } from "@isosocket/isosocket";

const handler = wrap((request) => upgrade(request).response);
handler satisfies Deno.ServeHandler<Deno.NetAddr>;
handler satisfies Deno.ServeHandler<Deno.UnixAddr>;
Deno.serve({ port: 0 }, handler) satisfies Deno.HttpServer<Deno.NetAddr>;
Deno.serve({ path: "app.sock" }, handler) satisfies Deno.HttpServer<Deno.UnixAddr>;

declare const info: Deno.ServeHandlerInfo;
info satisfies DenoServeInfo;

export const socket: WebSocket = connect("ws://127.0.0.1/", { WebSocket });
