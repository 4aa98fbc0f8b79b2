/** What a program publishes by to topics that keep a history. @module */

import type { HistoryPosition } from "../broker/broker.ts";

/** Topics that keep a history, made by `history()`. */
export interface TopicHistory {
  /**
   * Publishes a message to the subscribers of all servers, in one order for all of them.
   *
   * It takes the way by the broker for the server's own sockets, too. While the broker is down, it
   * rejects at once, and nothing is sent; if the broker goes down meanwhile, it rejects, and nobody
   * knows whether the message arrives. So a message that is published again needs an id of the
   * program's own, by which those who have it already drop it.
   *
   * @param topic Name of a topic that keeps a history.
   * @param data As for `send()`. Bytes are captured.
   * @returns Resolves with the position of the message, when it is in the history.
   * @throws {TypeError} As a rejection: if no server has the history, the topic keeps none, or the data
   * cannot be sent.
   * @throws {RangeError} As a rejection: if the message is too long for the broker.
   */
  publish(
    topic: string,
    data: string | ArrayBufferLike | ArrayBufferView | Blob,
  ): Promise<HistoryPosition>;
  /** Connects it with its server. Servers call it. */
  attach(server: object): object;
}
