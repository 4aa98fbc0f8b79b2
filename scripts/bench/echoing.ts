/**
 * The server for measured clients: raw TCP, which answers each message with a prepared one of the
 * same length. The path is the length: `ws://127.0.0.1:port/4096`.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { frameHead } from "./frame_head.ts";
import { answerQuestions } from "../processes/answering.ts";

function accept(key: string): string {
  const salted = `${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`; // RFC 6455, 4.2.2
  return createHash("sha1").update(salted).digest("base64");
}

function serve(stream: Socket): void {
  let head = "";
  let frame: Buffer;
  let missing = 0;
  const receive = (chunk: Buffer): void => {
    missing -= chunk.length;
    while (missing <= 0) {
      stream.write(frame);
      missing += frame.length + 4; // received frames have a mask
    }
  };
  const shake = (chunk: Buffer): void => {
    head += chunk.toString("latin1");
    if (!head.endsWith("\r\n\r\n")) return;
    const size = Number(/^GET \/(\d+) /.exec(head)![1]);
    frame = Buffer.concat([frameHead(0x81, size), Buffer.alloc(size, "x")]);
    missing = frame.length + 4;
    stream.off("data", shake);
    stream.on("data", receive);
    stream.write(
      "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
        `Sec-WebSocket-Accept: ${accept(/^sec-websocket-key: *(\S+)/im.exec(head)![1]!)}\r\n\r\n`,
    );
  };
  stream.setNoDelay(true);
  stream.on("data", shake);
  stream.on("error", () => {}); // the client reports it
}

const server = createServer(serve);
server.listen(0, "127.0.0.1", () => {
  answerQuestions({ port: (server.address() as AddressInfo).port }, () => true);
});
