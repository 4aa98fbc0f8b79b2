/** Bun's `ServerWebSocket`, by shape: without Bun's own types. @module */

/** The part of Bun's `ServerWebSocket` that is used here. */
export interface BunSocket {
  /** The value that was given to `server.upgrade()`. */
  readonly data: unknown;
  /** Type of binary messages that `message` is called with. */
  binaryType?: "arraybuffer" | "nodebuffer" | "uint8array" | "blob" | undefined;
  /** Sends a message. */
  send(data: string | ArrayBuffer | Uint8Array<ArrayBuffer>, compress: boolean): number;
  /** Starts the closing handshake. */
  close(code?: number, reason?: string): void;
  /** Drops the connection. */
  terminate(): void;
  /** Returns the number of buffered bytes. */
  getBufferedAmount(): number;
  /** Sends a Ping frame. */
  ping(): number;
  /** Subscribes to a topic. */
  subscribe(topic: string): unknown;
  /** Ends a subscription. */
  unsubscribe(topic: string): unknown;
  /** Sends a message to all subscribers of a topic except this socket. */
  publish(
    topic: string,
    data: string | ArrayBuffer | Uint8Array<ArrayBuffer>,
    compress: boolean,
  ): number;
  /** Stops reading. */
  pause(): void;
  /** Reads again. */
  resume(): void;
}
