// examples/express.ts: Express.
import { attach, through, upgrade } from "@isosocket/isosocket/node";
import express from "express";
import process from "node:process";

const app = express();
app.get("/", (_request, response) => void response.send("Hello"));
app.get("/rooms/:room", (request, response) => {
  if (request.query.ticket !== "secret") return void response.status(401).send("Who are you?");
  const { socket, response: { headers } } = upgrade(request, { protocols: ["chat.v1"] });
  socket.onmessage = ({ data }) => socket.send(`${request.params.room}: ${data}`);
  response.setHeaders(headers).end();
});

const port = Number(process.env.PORT ?? 8080);
const http = app.listen(port, "127.0.0.1", () => console.log(http.address()));
const hub = attach(http, through(app));
process.once("SIGTERM", () => hub.close().then(() => http.close()));
