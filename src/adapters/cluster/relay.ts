/** The primary process of a cluster: it passes on what its workers publish. @module */

import cluster, { type Worker } from "node:cluster";
import type { HistoryPosition, HistoryRange } from "../../pubsub/broker/broker.ts";
import { type Answer, isFrame, MARK, type Request } from "./frames.ts";
import { type Member, Switchboard } from "./switchboard.ts";

/** Number of bytes that may wait for a worker that does not read: more is lost for it. */
const MAX_WAITING = 32 * 1024 * 1024;

/** Switchboard of this process, if it is the primary one. */
export const switchboard: Switchboard = new Switchboard();

/** A worker, and its connections. */
class Workplace {
  readonly #worker: Worker;
  readonly #members: Map<number, Member> = new Map();
  #waiting = 0;

  constructor(worker: Worker) {
    this.#worker = worker;
  }

  handle(request: Request): void {
    const { call, id } = request;
    const member = this.#members.get(id);
    if (call === "open") {
      this.#members.set(id, {
        channels: new Set(),
        deliver: (channel, message, place) => {
          this.#send({ type: MARK, call: "message", id, channel, message, place }, message.length);
        },
      });
      this.#send({ type: MARK, call: "opened", id, bytes: new Uint8Array(1) }, 0);
    } else if (member === undefined) {
      return; // it was closed
    } else if (call === "subscribe") {
      switchboard.subscribe(member, request.channel);
      this.#send({ type: MARK, call: "subscribed", id, channel: request.channel }, 0);
    } else if (call === "unsubscribe") {
      switchboard.unsubscribe(member, request.channel);
    } else if (call === "publish") {
      switchboard.publish(request.channel, request.message);
    } else if (call === "append") {
      this.#answer(
        request,
        () => switchboard.append(request.channel, request.message, request.entry),
      );
    } else if (call === "read") {
      this.#answer(request, () => switchboard.read(request.channel, request.limits));
    } else {
      switchboard.remove(member);
      this.#members.delete(id);
    }
  }

  #answer(
    { id, request }: { readonly id: number; readonly request: number },
    answer: () => HistoryPosition | HistoryRange,
  ): void {
    const head = { type: MARK, call: "answer", id, request } as const;
    try {
      const value = answer();
      const messages = "messages" in value ? value.messages : [];
      const size = messages.reduce((sum, { message }) => sum + message.length, 0);
      this.#send({ ...head, value }, size);
    } catch (error) {
      this.#send({ ...head, error: (error as Error).message }, 0);
    }
  }

  end(): void {
    for (const member of this.#members.values()) switchboard.remove(member);
    this.#members.clear();
  }

  #send(answer: Answer, size: number): void {
    if (!this.#worker.isConnected() || this.#waiting > MAX_WAITING) return;
    this.#waiting += size;
    this.#worker.send(answer, () => void (this.#waiting -= size));
  }
}

/** The relay of this process. */
let running: Disposable | undefined;

/**
 * Lets the workers of this process publish to each other. Call it in the primary process, before
 * `fork()` or after; calling it twice is the same as once.
 *
 * Bytes are cheaper with `cluster.setupPrimary({ serialization: "advanced" })`.
 *
 * @returns Ends it. Nothing has to be ended with the process.
 * @throws {TypeError} In a worker.
 *
 * @example
 * ```ts ignore
 * import { cluster as broker, relay } from "@isosocket/isosocket/cluster";
 * import cluster from "node:cluster";
 *
 * if (cluster.isPrimary) {
 *   relay();
 *   for (let i = 0; i < 4; i++) cluster.fork();
 * } else {
 *   await serve({ port: 8080, broker: broker() }, handler);
 * }
 * ```
 */
export function relay(): Disposable {
  if (!cluster.isPrimary) {
    throw new TypeError("Cannot relay in a worker: call relay() in the primary process");
  }
  if (running !== undefined) return running;
  const workplaces = new Map<Worker, Workplace>();
  const onMessage = (worker: Worker, message: unknown): void => {
    if (!isFrame<Request>(message)) return;
    let workplace = workplaces.get(worker);
    if (workplace === undefined) workplaces.set(worker, workplace = new Workplace(worker));
    workplace.handle(message);
  };
  const onEnd = (worker: Worker): void => {
    workplaces.get(worker)?.end();
    workplaces.delete(worker);
  };
  cluster.on("message", onMessage);
  cluster.on("disconnect", onEnd);
  cluster.on("exit", onEnd);
  return running = {
    [Symbol.dispose]() {
      cluster.off("message", onMessage);
      cluster.off("disconnect", onEnd);
      cluster.off("exit", onEnd);
      for (const workplace of workplaces.values()) workplace.end();
      running = undefined;
    },
  };
}
