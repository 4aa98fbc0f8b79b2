/** Bun's `Server`, by shape: without Bun's own types. @module */

/** The part of Bun's `Server` that is used here. */
export interface BunServer {
  /** Completes the opening handshake. */
  upgrade(request: Request, options: { data: unknown; headers: Headers }): boolean;
  /** Returns the address of the peer. */
  requestIP(request: Request): { readonly address: string } | null;
  /** Sends a message to all subscribers of a topic. */
  publish(
    topic: string,
    data: string | ArrayBuffer | Uint8Array<ArrayBuffer>,
    compress: boolean,
  ): number;
  /** `"https"` with a certificate. */
  readonly protocol?: string | null;
}
