// examples/h3.ts: h3.
import { serve, upgrade } from "@isosocket/isosocket";
import { H3 } from "h3";
import process from "node:process";

const app = new H3();
app.use((event) => event.res.headers.set("x-content-type-options", "nosniff"));
app.get("/", () => "Hello");
app.get("/rooms/:room", ({ req, url, context: { params } }) => {
  if (url.searchParams.get("ticket") !== "secret") return new Response("No", { status: 401 });
  const { socket, response } = upgrade(req, { protocols: ["chat.v1"] });
  socket.onmessage = ({ data }) => socket.send(`${params?.room}: ${data}`);
  return response;
});

const where = { port: Number(process.env.PORT ?? 8080), hostname: "127.0.0.1" };
const server = await serve(where, app.fetch);
process.once("SIGTERM", () => server.close());
console.log(server.url);
