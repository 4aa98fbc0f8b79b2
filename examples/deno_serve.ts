// examples/deno_serve.ts: a plain Deno.serve.
import { upgrade, wrap } from "@isosocket/isosocket/deno";

const app = wrap((request) => {
  const { pathname, searchParams } = new URL(request.url);
  if (pathname === "/") return new Response("Hello");
  if (searchParams.get("ticket") !== "secret") return new Response("Who are you?", { status: 401 });
  const headers = { "x-content-type-options": "nosniff" };
  const { socket, response } = upgrade(request, { protocols: ["chat.v1"], headers });
  socket.onmessage = ({ data }) => socket.send(`${pathname.split("/")[2]}: ${data}`);
  return response;
});

const port = Number(Deno.env.get("PORT") ?? 8080);
const server = Deno.serve({ port, hostname: "127.0.0.1" }, app);
Deno.addSignalListener("SIGTERM", () => app.close().then(() => Deno.exit()));
console.log(`http://127.0.0.1:${server.addr.port}/`);
