/**
 * Judging clients: a server that speaks the URLs of Autobahn's fuzzing server.
 *
 * | URL | what happens |
 * |---|---|
 * | `/getCaseCount` | the number of selected cases, as text |
 * | `/getCaseInfo?case=N` | `{"id", "description"}` |
 * | `/runCase?case=N&agent=X` | plays the case; the client only echoes |
 * | `/runCase/N?agent=X` | the same: see {@linkcode page} |
 * | `/getCaseStatus?case=N&agent=X` | `{"behavior"}`, once there is a result |
 * | `/updateReports?agent=X` | this client is done |
 * | `/` over HTTP | a page that makes the browser the client |
 *
 * @module
 */

import { createServer, type Server } from "node:net";
import {
  asksForSocket,
  BAD_REQUEST,
  peek,
  refusalOf,
  refuse,
  servePage,
  targetOf,
} from "./client_requests.ts";
import type { Case } from "./case.ts";
import { cases as allCases } from "./cases/mod.ts";
import { must, section, send } from "./case.ts";
import { socketTransport, type Transport } from "./wire/transport.ts";
import { play } from "./player/play.ts";
import type { Result, Run, Verdict } from "./result.ts";
import { chooseSeed, DEFAULTS, describeRuntime, type RunOptions } from "./judge_server.ts";
import { select } from "./selection.ts";
import { close, text } from "./wire/frame.ts";

/** How to judge clients. */
export interface ListenOptions extends RunOptions {
  /** The port; 0 for any. Default: 9001. */
  readonly port?: number;

  /** The address. Default: `127.0.0.1`. */
  readonly host?: string;

  /**
   * Origins of pages that may be the client, beside the judge's own page. Requests of others get a
   * 403: any page that a browser shows could start cases and end the run.
   *
   * @default {[]}
   */
  readonly origins?: readonly string[];

  /** Told when a client says that it is done. */
  readonly onDone?: (agent: string) => void;
}

/** A judge that waits for clients. */
export interface Listening {
  /** Where: `ws://127.0.0.1:9001`. */
  readonly url: string;

  /** Ends it. Gives a run per client that came, by name. */
  close(): Promise<Run[]>;
}

/** What each verdict is called by Autobahn. */
const BEHAVIOUR: Readonly<Record<Verdict, string>> = {
  pass: "OK",
  warn: "NON-STRICT",
  fail: "FAILED",
  skip: "UNIMPLEMENTED",
};

/** One client by its name. */
interface Client {
  readonly started: string;
  readonly begun: number;
  readonly results: Map<Case, Result>;
  readonly keys: Set<string>;
  readonly waiting: Set<() => void>;
  last: number;
}

/** Starts listening for clients to judge. */
export async function judgeClients(options: ListenOptions = {}): Promise<Listening> {
  const { host = "127.0.0.1", timeout = DEFAULTS.timeout, signal, origins = [] } = options;
  const seed = options.quick ? options.seed ?? chooseSeed() : null;
  const chosen = select(options.cases ?? allCases, "client", {
    ...options,
    ...(seed !== null && { seed }),
  });
  const clients = new Map<string, Client>();
  const transports = new Set<Transport>();
  let fault: string | undefined;

  const clientOf = (agent: string): Client => {
    let client = clients.get(agent);
    if (client === undefined) {
      const begun = performance.now();
      const started = new Date().toISOString();
      const [results, keys, waiting] = [new Map(), new Set<string>(), new Set<() => void>()];
      client = { started, begun, results, keys, waiting, last: begun };
      clients.set(agent, client);
      options.onStart?.(agent, chosen.length);
    }
    return client;
  };

  const perform = (test: Case, transport: Transport, keys?: Set<string>): Promise<Result> =>
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

  /** Says one thing and closes. */
  const say = async (transport: Transport, words: string): Promise<void> => {
    await perform(saying(words), transport);
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
    const wanted = chosen[Number(number) - 1] ??
      chosen.find(({ autobahn }) => autobahn.includes(url.searchParams.get("casetuple") ?? "-"));
    switch (path) {
      case "/getCaseCount":
        return await say(again, `${chosen.length}`);
      case "/getCaseInfo":
        if (!wanted) break;
        return await say(
          again,
          JSON.stringify({ id: wanted.id, description: wanted.requirement }),
        );
      case "/runCase": {
        if (!wanted || !agent) break;
        const client = clientOf(agent);
        const result = await perform(wanted, again, client.keys);
        if (signal?.aborted) return;
        client.results.set(wanted, result);
        client.last = performance.now();
        for (const wake of client.waiting) wake();
        options.onResult?.(result);
        return;
      }
      case "/getCaseStatus": {
        if (!wanted || !agent) break;
        const result = await resultOf(clientOf(agent), wanted, timeout);
        return await say(again, JSON.stringify({ behavior: BEHAVIOUR[result?.verdict ?? "fail"] }));
      }
      case "/updateReports":
        await perform(saying(), again);
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
  const port = await listening(server, options.port ?? 9001, host);
  const url = `ws://${host.includes(":") ? `[${host}]` : host}:${port}`;

  return {
    url,
    async close(): Promise<Run[]> {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const transport of transports) transport.drop();
      await closed;
      return [...clients].map(([agent, client]) => ({
        format: "isosocket-judge/1",
        agent,
        subject: "client",
        target: url,
        started: client.started,
        ms: Math.round(client.last - client.begun),
        seed,
        strict: options.strict ?? false,
        selected: chosen.length,
        stopped: fault !== undefined
          ? fault
          : client.results.size === chosen.length
          ? null
          : signal?.aborted
          ? "Interrupted"
          : "The client left before the last case",
        runtime: describeRuntime(),
        results: chosen.flatMap((test) => client.results.get(test) ?? []),
      }));
    },
  };
}

function listening(server: Server, port: number, host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    server.on("error", reject); // later ones are of connections that could not be accepted
    server.listen(port, host, () => {
      const address = server.address();
      resolve(typeof address === "object" && address ? address.port : port);
    });
  });
}

/** A case that judges nothing: it says something and closes. */
function saying(words?: string): Case {
  const items = [...(words === undefined ? [] : [text(words)]), close()];
  return section("1.2", { "says-something": must("", send(...items)) })[0]!;
}

function resultOf(client: Client, test: Case, timeout: number): Promise<Result | undefined> {
  return new Promise((resolve) => {
    const settle = (): void => {
      const result = client.results.get(test);
      if (result) finish(result);
    };
    const finish = (result?: Result): void => {
      clearTimeout(timer);
      client.waiting.delete(settle);
      resolve(result);
    };
    const timer = setTimeout(() => finish(), timeout);
    client.waiting.add(settle);
    settle();
  });
}
