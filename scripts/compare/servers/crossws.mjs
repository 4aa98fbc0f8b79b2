import { createServer } from "node:http";
import { answer, kindOf, print } from "./printed.mjs";

const name = "Deno" in globalThis ? "deno" : "Bun" in globalThis ? "bun" : "node";
const { default: crossws } = await import(`crossws/adapters/${name}`);
const adapter = crossws({
  hooks: {
    open: (peer) => print({ kind: kindOf(peer) }),
    message: (peer, message) => answer(message.text(), (text) => peer.send(text)),
    close: (_peer, { code, reason }) => print({ code, reason }),
  },
});

const hostname = "127.0.0.1";
if (name === "deno") {
  Deno.serve(
    { port: 0, hostname, onListen: ({ port }) => print({ port }) },
    (request, info) => adapter.handleUpgrade(request, info),
  );
} else if (name === "bun") {
  const { port } = Bun.serve({
    port: 0,
    hostname,
    fetch: (request, server) => adapter.handleUpgrade(request, server),
    websocket: adapter.websocket,
  });
  print({ port });
} else {
  const http = createServer().on("upgrade", adapter.handleUpgrade);
  http.listen(0, hostname, () => print({ port: http.address().port }));
}
