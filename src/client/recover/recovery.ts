/** The seam between `reconnect()` and `recover()`: who does not recover loads none of its code. @module */

import type { ConnectRequest } from "../connect.ts";
import type { Carrier, CarrierEvents } from "../reconnect/carrier.ts";

/** Begins a connection. */
export type OpenCarrier = (request: ConnectRequest, events: CarrierEvents) => Carrier;

/** How far a client has come, by topics. It can be kept as JSON. */
export type RecoveryPositions = Readonly<
  Record<string, { readonly epoch: string; readonly offset: number }>
>;

/** Recovery of topics for one socket of `reconnect()`, made by `recover()`. */
export interface Recovery {
  /**
   * How far listeners have come: in a listener, the message that it gets is included. It can be kept
   * as JSON, for instance in `sessionStorage`, to go on after a page was loaded anew.
   */
  readonly positions: RecoveryPositions;
  /** Stands between the socket and its connections. `reconnect()` calls it, once. */
  wrap(config: { open: unknown }): void;
}
