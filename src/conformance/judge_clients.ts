/**
 * Judges clients, with a server that has the URLs of Autobahn's fuzzing server.
 *
 * | URL | behaviour |
 * |---|---|
 * | `/getCaseCount` | sends the number of selected cases, as text |
 * | `/getCaseInfo?case=N` | sends `{"id", "description"}` |
 * | `/runCase?case=N&agent=X` | plays the case; the client only echoes |
 * | `/runCase/N?agent=X` | the same: see {@linkcode page} |
 * | `/getCaseStatus?case=N&agent=X` | sends `{"behavior"}`, once there is a result |
 * | `/updateReports?agent=X` | the client is done |
 * | `/` over HTTP | a page that makes the browser the client |
 *
 * @module
 */

import { createServer, type Server } from "node:net";
import { type Case, must, section, send } from "./case.ts";
import { cases as allCases } from "./cases/mod.ts";
import {
  asksForSocket,
  BAD_REQUEST,
  peek,
  refusalOf,
  refuse,
  servePage,
  targetOf,
} from "./client_requests.ts";
import { ClientResults } from "./client_results.ts";
import { shortened } from "./economy.ts";
import { play } from "./player/play.ts";
import type { Result, Run, Verdict } from "./result.ts";
import { chooseSeed, DEFAULTS, describeRuntime, type RunOptions } from "./run_options.ts";
import { select } from "./selection.ts";
import { close, text } from "./wire/frame.ts";
import { socketTransport, type Transport } from "./wire/transport.ts";

/** Options for {@linkcode judgeClients}. */
export interface ListenOptions extends RunOptions {
  /** Port to listen on; 0 for any. Default: 9001. */
  readonly port?: number;

  /** Address to listen on. Default: `127.0.0.1`. */
  readonly host?: string;

  /**
   * Origins of pages that may be the client, besides the judge's own page. Requests from others get
   * a 403: any page in a browser could start cases and end the run.
   *
   * @default {[]}
   */
  readonly origins?: readonly string[];

  /** Called when a client reports that it is done. */
  readonly onDone?: (agent: string) => void;
}

/** A judge that listens for clients. */
export interface ClientJudge {
  /** URL for clients: `ws://127.0.0.1:9001`. */
  readonly url: string;

  /**
   * Stops listening. Returns a run for each client, by name.
   *
   * @param crash How the client ended, if it did so by itself: the case under way fails.
   */
  close(crash?: string): Promise<Run[]>;
}

/** Autobahn's word for each verdict. */
const BEHAVIOURS: Readonly<Record<Verdict, string>> = {
  pass: "OK",
  warn: "NON-STRICT",
  timeout: "FAILED",
  fail: "FAILED",
  skip: "UNIMPLEMENTED",
};

/** Starts listening for clients to judge. */
export async function judgeClients(options: ListenOptions = {}): Promise<ClientJudge> {
  const { host = "127.0.0.1", timeout = DEFAULTS.timeout, signal, origins = [] } = options;
  const { full = false } = options;
  const seed = options.quick ? options.seed ?? chooseSeed() : null;
  const selected = select(options.cases ?? allCases, "client", {
    ...options,
    ...(seed !== null && { seed }),
  });
  const clients = new Map<string, ClientResults>();
  const transports = new Set<Transport>();
  let fault: string | undefined;
  let latest: ClientResults | undefined;

  const clientOf = (agent: string): ClientResults => {
    let client = clients.get(agent);
    if (client === undefined) {
      client = new ClientResults(agent);
      clients.set(agent, client);
      options.onStart?.(agent, selected.length);
    }
    return client;
  };

  const playOver = (transport: Transport, test: Case, keys?: Set<string>): Promise<Result> =>
    play(test, {
      subject: "client",
      open: () => Promise.resolve(transport),
      target: "/",
      host,
      timeout,
      budget: options.budget ?? DEFAULTS.budget,
      ...(keys && { keys }),
      ...(signal && { signal }),
    });

  /** Opens the connection, sends one message if there is one, and closes. */
  const reply = async (transport: Transport, message?: string): Promise<void> => {
    await playOver(transport, caseOf(message));
  };

  async function answer(transport: Transport): Promise<void> {
    const { head, again } = await peek(transport);
    if (typeof head !== "object") return transport.drop();
    const url = targetOf(head);
    if (url === undefined) return await refuse(again, BAD_REQUEST);
    if (!asksForSocket(head)) return await servePage(again, url.pathname);
    const refusal = refusalOf(head, { host, port, origins });
    if (refusal !== undefined) return await refuse(again, refusal);

    const agent = url.searchParams.get("agent") ?? "";
    const [, path = url.pathname, number = url.searchParams.get("case")] =
      /^(\/runCase)\/(\d+)$/.exec(url.pathname) ?? [];
    const test = selected[Number(number) - 1] ??
      selected.find(({ autobahn }) => autobahn.includes(url.searchParams.get("casetuple") ?? "-"));
    switch (path) {
      case "/getCaseCount":
        return await reply(again, `${selected.length}`);
      case "/getCaseInfo":
        if (!test) break;
        return await reply(again, JSON.stringify({ id: test.id, description: test.requirement }));
      case "/runCase": {
        if (!test || !agent) break;
        const client = clientOf(agent);
        client.last = test;
        latest = client;
        options.onPlay?.(test.id);
        const result = await playOver(again, full ? test : shortened(test), client.keys);
        if (signal?.aborted) return;
        client.add(test, result);
        options.onResult?.(result);
        return;
      }
      case "/getCaseStatus": {
        if (!test || !agent) break;
        const result = await clientOf(agent).wait(test, timeout);
        return await reply(
          again,
          JSON.stringify({ behavior: BEHAVIOURS[result?.verdict ?? "fail"] }),
        );
      }
      case "/updateReports":
        await reply(again);
        if (agent) options.onDone?.(agent);
        return;
    }
    await refuse(again, BAD_REQUEST);
  }

  const server = createServer({ allowHalfOpen: false }, (socket) => {
    const transport = socketTransport(socket);
    transports.add(transport);
    socket.once("close", () => transports.delete(transport));
    answer(transport).catch((error: unknown) => {
      transport.drop();
      fault ??= `The judge failed: ${error instanceof Error ? error.message : error}`;
    });
  });
  const port = await listen(server, options.port ?? 9001, host);
  const url = `ws://${host.includes(":") ? `[${host}]` : host}:${port}`;

  return {
    url,
    async close(crash?: string): Promise<Run[]> {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const transport of transports) transport.drop();
      await closed;
      const frame = {
        target: url,
        seed,
        full,
        strict: options.strict ?? false,
        runtime: describeRuntime(),
      };
      const isAborted = signal?.aborted ?? false;
      return [...clients.values()].map((client) => {
        const how = client === latest ? crash : undefined;
        return client.toRun(frame, selected, isAborted, fault, how);
      });
    },
  };
}

/** Listens; returns the port. */
function listen(server: Server, port: number, host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    server.on("error", reject); // later ones are of connections that could not be accepted
    server.listen(port, host, () => {
      const address = server.address();
      resolve(typeof address === "object" && address ? address.port : port);
    });
  });
}

/** Makes a case that judges nothing: it sends a message, if there is one, and closes. */
function caseOf(message: string | undefined): Case {
  const items = [...(message === undefined ? [] : [text(message)]), close()];
  return section("1.2", { "says-something": must("", send(...items)) })[0]!;
}
