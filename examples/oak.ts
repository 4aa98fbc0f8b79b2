// examples/oak.ts: Oak, whose package for npm has the types of undici.
import { serve, upgrade } from "@isosocket/isosocket";
import { Application, Router } from "@oakserver/oak";
import process from "node:process";

const router = new Router();
router.get("/", ({ response }) => void (response.body = "Hello"));
router.get("/rooms/:room", ({ request, response, params: { room } }) => {
  response.headers.set("x-content-type-options", "nosniff");
  if (request.url.searchParams.get("ticket") !== "secret") return void (response.status = 401);
  const upgraded = upgrade(request.source as unknown as Request, { protocols: ["chat.v1"] });
  upgraded.socket.onmessage = ({ data }) => upgraded.socket.send(`${room}: ${data}`);
  for (const [name, value] of upgraded.response.headers) response.headers.set(name, value);
});
const app = new Application().use(router.routes());

const where = { port: Number(process.env.PORT ?? 8080), hostname: "127.0.0.1" };
const server = await serve(where, async (request) => await app.handle(request as never) as never);
process.once("SIGTERM", () => server.close());
console.log(server.url);
