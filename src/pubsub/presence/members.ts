/** What a program knows of who is there, and says of its own sockets. @module */

import type { Socket } from "../../core/socket.ts";

/** Somebody who is present in a topic, by one socket or several. */
export interface PresenceMember<Meta = unknown> {
  /** Name of the member, as given to `join()`. */
  readonly key: string;
  /** What `join()` was given beside the name: one for each socket, of all servers. */
  readonly metas: readonly Meta[];
  /**
   * Whether all of these sockets are at servers of which nothing was heard since the broker was down:
   * they may have left. It changes without a {@linkcode PresenceChange}.
   */
  readonly stale: boolean;
}

/** What has changed in one topic. */
export interface PresenceChange<Meta = unknown> {
  /** Name of the topic. */
  readonly topic: string;
  /** Members that were not there before. */
  readonly joins: readonly PresenceMember<Meta>[];
  /** Members that are not there any more, as they were. */
  readonly leaves: readonly PresenceMember<Meta>[];
  /** Members that were there, and are, with other `metas`. */
  readonly updates: readonly PresenceMember<Meta>[];
}

/** Who is there, made by `presence()`. The functions do not use `this`. */
export interface Presence<Meta = unknown> {
  /**
   * Makes a socket's user a member of a topic, until the socket is CLOSING and the grace is over. Called
   * again for the same socket and topic, it replaces what was given before. Does nothing if the socket is
   * CLOSING or CLOSED. It does not subscribe the socket.
   *
   * @param socket Socket of the server that has this presence.
   * @param topic Any string of up to 1,024 characters that is not empty.
   * @param key Name of the member, for instance the user's id: up to 256 characters, not empty. Sockets
   * with the same key, of whichever server, are one member.
   * @param meta What others see of this socket beside the key: anything that JSON can hold. It is copied.
   * @throws {TypeError} If an argument is invalid, or no server has this presence.
   * @throws {RangeError} If a string, or `meta` as JSON, is too long, or there are 100,000 already.
   */
  join(socket: Socket, topic: string, key: string, meta?: Meta): void;
  /** Ends what `join()` began, at once. Does nothing if the socket is not in the topic. */
  leave(socket: Socket, topic: string): void;
  /** Returns the members of a topic, of all servers: those of this one at once, others within a second. */
  list(topic: string): PresenceMember<Meta>[];
  /**
   * Calls a function after each change, on each server: changes that are made together are told together.
   * When it is called, `list()` has them.
   *
   * @returns A function that ends it.
   */
  onChange(listener: (change: PresenceChange<Meta>) => void): () => void;
  /** Connects it with its server. Servers call it. */
  attach(server: object): object;
}
