/**
 * Servers over TCP and TLS, in one process, that send their clients back what is theirs and what is
 * their topic's. The first character of a message says what to do with it.
 *
 * @module
 */

import { serve, type ServerSocket, upgrade } from "../../../mod.ts";
import { CERT, KEY } from "../../../tests/server/certificate.ts";
import { attend, monitor, onError, options } from "./attend.ts";

/** What the first character of a message asks for. All others ask to send it back. */
const PUBLISH = "P".charCodeAt(0), HANG_UP = "H".charCodeAt(0), LATER = "L".charCodeAt(0);

/** Milliseconds after which messages are sent back that are to come later. */
const DELAY = 5;

/** Messages of all connections that are to be sent in one tick, while none is read. */
let later: (() => void)[] = [];

function sendLater(socket: ServerSocket, data: string | ArrayBuffer): void {
  const count = later.push(() => {
    if (socket.readyState === 1) socket.send(data);
  });
  if (count > 1) return;
  setTimeout(() => {
    const all = later;
    later = [];
    for (const send of all) send();
  }, DELAY);
}

type Handler = Parameters<typeof serve>[1];

const handle =
  (publish: (topic: string, data: string | ArrayBuffer) => void): Handler => (request) => {
    const { socket, response } = upgrade(request, { binaryType: "arraybuffer" });
    const topic = new URL(request.url).pathname;
    monitor.watch(socket);
    socket.subscribe(topic);
    socket.onmessage = ({ data }) => answer(socket, topic, data as string | ArrayBuffer, publish);
    return response;
  };

function answer(
  socket: ServerSocket,
  topic: string,
  data: string | ArrayBuffer,
  publish: (topic: string, data: string | ArrayBuffer) => void,
): void {
  const first = typeof data === "string" ? data.charCodeAt(0) : new Uint8Array(data)[0];
  if (first === PUBLISH) return publish(topic, data);
  if (first === LATER) return sendLater(socket, data);
  socket.send(data);
  if (first === HANG_UP) socket.terminate();
}

const plain = await serve({ ...options, onError }, handle((...it) => plain.publish(...it)));
const secure = await serve(
  { ...options, tls: { key: KEY, cert: CERT }, onError },
  handle((...it) => secure.publish(...it)),
);
attend(plain, undefined, { plain, secure });
