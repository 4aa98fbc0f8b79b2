// What comes right before the peer's Close is answered: an echo has its last words.

import { serve, upgrade } from "@isosocket/isosocket";
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { close, text } from "../../src/testing/contract/frame.ts";
import { TcpWire } from "../raw_peer/tcp_wire.ts";
import { by, engines, FREE } from "./places.ts";
import { askUpgrade } from "./raw_client.ts";

after(() => TcpWire.dropAll());

for (const engine of engines) {
  test(`messages in one packet with Close are answered before it${by(engine)}`, async () => {
    const server = await serve({ ...FREE, engine }, (request) => {
      const { socket, response } = upgrade(request);
      socket.onmessage = ({ data }) => socket.send(`re: ${data}`);
      return response;
    });
    try {
      const { peer } = await askUpgrade(server.port);
      await new Promise((resolve) => setTimeout(resolve, 50)); // it is OPEN
      await peer.send(text("a"), text("b"), text("c"), close(1000));
      for (const name of ["a", "b", "c"]) {
        assert.deepEqual(await peer.next(), { kind: "text", data: `re: ${name}` });
      }
      assert.equal((await peer.part()).kind, "close");
    } finally {
      await server.close();
    }
  });
}
