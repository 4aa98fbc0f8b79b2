// Proxies for tests: CONNECT of HTTP, and SOCKS5. Whatever host they are asked for, they lead to
// this machine.

import { once } from "node:events";
import net, { type AddressInfo, type Socket } from "node:net";
import tls, { type TlsOptions } from "node:tls";

/** A proxy that runs. */
export interface ProxyServer {
  readonly port: number;
  /** Requests so far: for HTTP, the heads; for SOCKS5, the hosts and ports. */
  readonly requests: string[];
  close(): void;
}

async function listen(
  requests: string[],
  serve: (socket: Socket) => Promise<void>,
  secure?: TlsOptions,
): Promise<ProxyServer> {
  const sockets = new Set<Socket>();
  const onConnection = (socket: Socket): void => {
    sockets.add(socket);
    socket.on("error", () => {}).on("close", () => sockets.delete(socket));
    serve(socket).catch(() => socket.destroy());
  };
  const server = secure ? tls.createServer(secure, onConnection) : net.createServer(onConnection);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    requests,
    close: () => {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}

/** Reads as many bytes as they are asked for, or up to the end of a head of HTTP. */
async function read(socket: Socket, length: number | "head"): Promise<Uint8Array> {
  let bytes = new Uint8Array();
  for (;;) {
    const piece: Uint8Array | null = socket.read(
      typeof length === "number" ? length - bytes.length : undefined,
    );
    if (piece !== null) bytes = Uint8Array.from([...bytes, ...piece]);
    const isWhole = length === "head"
      ? new TextDecoder().decode(bytes).endsWith("\r\n\r\n")
      : bytes.length >= length;
    if (isWhole) return bytes;
    if (piece === null) await once(socket, "readable");
  }
}

async function join(socket: Socket, port: number, answer: string | Uint8Array): Promise<void> {
  const target = net.connect(port, "127.0.0.1");
  target.on("error", () => socket.destroy());
  await once(target, "connect");
  socket.write(answer);
  target.on("close", () => socket.destroy());
  socket.on("close", () => target.destroy());
  socket.pipe(target).pipe(socket);
}

/**
 * Starts a proxy for CONNECT.
 *
 * @param refuse Returns the answer to a request that gets no tunnel.
 */
export function httpProxy(
  refuse: (head: string) => string | undefined = () => undefined,
  secure?: TlsOptions,
): Promise<ProxyServer> {
  const requests: string[] = [];
  return listen(requests, async (socket) => {
    const head = new TextDecoder().decode(await read(socket, "head"));
    requests.push(head);
    const refusal = refuse(head);
    if (refusal !== undefined) return void socket.end(refusal);
    const port = Number(/^CONNECT \S+:(\d+) /.exec(head)?.[1]);
    await join(socket, port, "HTTP/1.1 200 Connection established\r\nVia: a test\r\n\r\n");
  }, secure);
}

/**
 * Starts a SOCKS5 proxy.
 *
 * @param login User and password that it asks for.
 * @param status Its answer to requests: 0 for a tunnel.
 */
export function socksProxy(login?: readonly [string, string], status = 0): Promise<ProxyServer> {
  const requests: string[] = [];
  const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
  return listen(requests, async (socket) => {
    const [, count = 0] = await read(socket, 2);
    const methods = await read(socket, count);
    const method = login === undefined ? 0 : 2;
    if (!methods.includes(method)) return void socket.end(Uint8Array.of(5, 0xff));
    socket.write(Uint8Array.of(5, method));
    if (login !== undefined) {
      const user = text(await read(socket, (await read(socket, 2))[1]!));
      const password = text(await read(socket, (await read(socket, 1))[0]!));
      const isRight = user === login[0] && password === login[1];
      socket.write(Uint8Array.of(1, isRight ? 0 : 1));
      if (!isRight) return void socket.end();
    }
    const [, , , kind = 0] = await read(socket, 4);
    const host = kind === 3
      ? text(await read(socket, (await read(socket, 1))[0]!))
      : (await read(socket, kind === 1 ? 4 : 16)).join(".");
    const [high = 0, low = 0] = await read(socket, 2);
    const port = high * 256 + low;
    requests.push(`${host} ${port}`);
    const answer = Uint8Array.of(5, status, 0, 1, 0, 0, 0, 0, 0, 0);
    if (status !== 0) return void socket.end(answer);
    await join(socket, port, answer);
  });
}

/** Starts a server that says something to whoever comes, and ends. */
export function talker(words: string): Promise<ProxyServer> {
  return listen([], (socket) => {
    socket.end(words);
    return Promise.resolve();
  });
}
