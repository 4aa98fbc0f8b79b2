// `isosocket judge` over TLS: with the authority of a server, and with a certificate of its own whose key
// a passphrase protects.

import assert from "node:assert/strict";
import { createPrivateKey } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { createServer, type TLSSocket } from "node:tls";
import { authority, client, localhost } from "../../client/certificates.ts";
import { Endpoint } from "../../conformance/endpoint.ts";
import { judge } from "./running.ts";

/** Names in the certificates of clients, once for each connection that has spoken. */
type Names = (string | undefined)[];

/** Starts an echo server that wants a certificate of its clients. */
async function withTlsServer(use: (url: string, names: Names) => Promise<void>): Promise<void> {
  const names: Names = [];
  const options = { ...localhost, ca: authority, requestCert: true, rejectUnauthorized: true };
  const server = createServer(options, (socket: TLSSocket) => {
    const endpoint = new Endpoint(true);
    endpoint.listen({ data: (octets) => void socket.write(octets), end: () => void socket.end() });
    socket.once("data", () => names.push(`${socket.getPeerCertificate().subject?.CN}`));
    socket.on("data", (octets) => void endpoint.write(octets));
    socket.on("end", () => endpoint.end());
    socket.on("error", () => {});
  });
  server.on("tlsClientError", () => {});
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  try {
    await use(`wss://localhost:${(server.address() as { port: number }).port}/`, names);
  } finally {
    server.close();
  }
}

test(
  "judge has a certificate, and knows the server's authority",
  { timeout: 120_000 },
  async () => {
    const dir = await mkdtemp(join(tmpdir(), "judge-"));
    const file = async (name: string, text: string): Promise<string> => {
      await writeFile(join(dir, name), text);
      return join(dir, name);
    };
    try {
      const key = createPrivateKey(client.key)
        .export({ type: "pkcs8", format: "pem", cipher: "aes-256-cbc", passphrase: "s3 cret" });
      const ca = ["--ca", await file("ca.pem", authority)];
      const own = [
        "--cert",
        await file("cert.pem", client.cert),
        "--key",
        await file("key.pem", `${key}`),
        "--passphrase",
        `file:${await file("passphrase", "s3 cret\n")}`,
      ];
      await withTlsServer(async (url, names) => {
        const patterns = ["5.5.3", "4.2.1/takes-the-shortest", "autobahn:1.1.7"];
        const judged = await judge(url, "--timeout", "2000", ...ca, ...own, ...patterns);
        assert.match(judged.out, /\d+ passed, 0 failed/);
        assert.equal(judged.code, 0, judged.out);
        assert.ok(names.length > 4, `${names.length}`);
        assert.deepEqual([...new Set(names)], ["client.example"]);

        const trusting = await judge(url, "-k", ...own, "5.5.3");
        assert.equal(trusting.code, 0, trusting.out + trusting.err);

        const stranger = await judge(url, ...own, "5.5.3");
        assert.match(stranger.out + stranger.err, /Cannot connect to localhost:\d+: \w+/);
        assert.equal(stranger.code, 2);

        const count = names.length;
        const nobody = await judge(url, "--timeout", "1000", ...ca, "5.5.3");
        assert.equal(nobody.code, 2, nobody.out);
        assert.equal(names.length, count);
        const wrong = await judge(
          url,
          ...ca,
          ...own.slice(0, -1),
          `file:${await file("wrong", "no")}`,
          "5.5.3",
        );
        assert.match(wrong.err, /Cannot use --key \S+: the passphrase is wrong/);
        assert.equal(wrong.code, 2);
      });
    } finally {
      await rm(dir, { recursive: true });
    }
  },
);
