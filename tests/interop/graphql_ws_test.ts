// graphql-ws: its client takes our WebSocket for its own, and its server a socket of upgrade().

import { serve, type Server, type ServerSocket, upgrade, WebSocket } from "@isosocket/isosocket";
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { buildSchema, parse, validate } from "graphql";
import { type Client, createClient, GRAPHQL_TRANSPORT_WS_PROTOCOL, makeServer } from "graphql-ws";

const schema = buildSchema(`
  type Query { hello: String }
  type Subscription { count(to: Int!): Int }
`);

const roots = {
  query: { hello: () => "world" },
  subscription: {
    async *count({ to }: { to: number }): AsyncGenerator<{ count: number }> {
      for (let count = 1; count <= to; count++) yield await Promise.resolve({ count });
    },
  },
};

const graphql = makeServer({ schema, roots, validate });
const sockets = new Set<ServerSocket>();
let server: Server;

/** Connects a socket to graphql-ws, which has an interface of its own. */
function accept(socket: ServerSocket): void {
  sockets.add(socket);
  socket.onopen = () => {
    const closed = graphql.opened({
      protocol: socket.protocol,
      send: (data) => socket.send(data),
      close: (code, reason) => socket.close(code, reason),
      onMessage(callback) {
        socket.onmessage = ({ data }) => callback(data);
      },
    }, {});
    socket.onclose = ({ code, reason }) => {
      sockets.delete(socket);
      void closed(code, reason);
    };
  };
}

before(async () => {
  server = await serve({ port: 0, hostname: "127.0.0.1" }, (request) => {
    const { socket, response } = upgrade(request, { protocols: [GRAPHQL_TRANSPORT_WS_PROTOCOL] });
    accept(socket);
    return response;
  });
});
after(() => server.close({ deadline: 0 }));

function client(options: Partial<Parameters<typeof createClient>[0]> = {}): Client {
  return createClient({
    url: server.url.replace("http", "ws"),
    webSocketImpl: WebSocket,
    retryAttempts: 0,
    ...options,
  });
}

/** All results of an operation. */
async function all(of: Client, query: string): Promise<unknown[]> {
  parse(query);
  const results: unknown[] = [];
  for await (const { data } of of.iterate({ query })) results.push({ ...data });
  return results;
}

test("a graphql-ws client over our WebSocket asks and subscribes", async () => {
  const own = client();
  assert.deepEqual(await all(own, "{ hello }"), [{ hello: "world" }]);
  const counted = await all(own, "subscription { count(to: 3) }");
  assert.deepEqual(counted, [{ count: 1 }, { count: 2 }, { count: 3 }]);
  await own.dispose();
});

test("its server closes who breaks its protocol, with its own code", async () => {
  const socket = new WebSocket(server.url, GRAPHQL_TRANSPORT_WS_PROTOCOL);
  await socket.opened;
  socket.send("no JSON");
  const { code, reason } = await socket.closed;
  assert.deepEqual([code, reason], [4400, "Invalid message received"]);
});

const drops: Readonly<Record<string, (socket: ServerSocket) => void>> = {
  "has closed": (socket) => socket.close(1012, "restart"),
  "was killed": (socket) => socket.terminate(),
};

for (const [how, drop] of Object.entries(drops)) {
  test(`its client connects again when our server ${how}`, async () => {
    let connected = 0;
    const own = client({
      retryAttempts: 5,
      retryWait: () => new Promise((resolve) => setTimeout(resolve, 10)), // its own is a second or more
      shouldRetry: () => true, // a lost connection is an error event first, which it takes for final
      lazy: false,
    });
    const again = new Promise<void>((resolve) => {
      own.on("connected", () => {
        if (++connected === 2) resolve();
        else sockets.forEach(drop);
      });
    });
    await again;
    assert.deepEqual(await all(own, "{ hello }"), [{ hello: "world" }]);
    await own.dispose();
  });
}
