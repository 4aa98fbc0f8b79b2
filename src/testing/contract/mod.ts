/**
 * The contract: the promises of a {@linkcode Socket}, as functions that can be run against any
 * adapter.
 *
 * A rule gets a {@linkcode Harness}, which connects sockets with a {@linkcode RawPeer}: a peer that
 * also sends what no WebSocket API would send. The same rule tries the sockets of servers and of
 * clients, over TCP or in memory.
 *
 * To try an adapter: implement `Harness`, and call {@linkcode hold} for each of {@linkcode rules}. A
 * rule that the runtime cannot keep is a deviation: it has a reason, and must be broken.
 *
 * The rules of topics over a broker are {@linkcode brokerRules}: to try a broker of your own, implement
 * {@linkcode BrokerHarness}.
 *
 * @module
 */

import { close } from "./rules/close.ts";
import { closeCodes } from "./rules/close_codes.ts";
import { connect } from "./rules/connect.ts";
import { data } from "./rules/data.ts";
import { events } from "./rules/events.ts";
import { limits } from "./rules/limits.ts";
import { send } from "./rules/send.ts";
import { serverStreams } from "./rules/server_streams.ts";
import { states } from "./rules/states.ts";
import { streams } from "./rules/streams.ts";
import { topics } from "./rules/topics.ts";
import { topicsInOrder } from "./rules/topics_in_order.ts";
import { topicsUnderLoad } from "./rules/topics_under_load.ts";
import { turns } from "./rules/turns.ts";
import type { Rule } from "./rule.ts";

export {
  acceptFor,
  type ByteStream,
  headerOf,
  type Heard,
  type RawPeer,
  readHead,
  request,
  WirePeer,
} from "./raw_peer.ts";
export { encode, type Frame } from "./frame.ts";
export {
  appliesTo,
  type BrokerEngine,
  type BrokerFault,
  type BrokerHarness,
  type BrokerRule,
  brokerRules,
  type BrokerServer,
  type BrokerSubscriber,
  type RecoveringSubscriber,
} from "./broker/mod.ts";
export {
  applies,
  type Connected,
  type ConnectSettings,
  type Harness,
  hold,
  type Need,
  type Outcome,
  type Rule,
} from "./rule.ts";
export type { Role } from "../../core/close_code.ts";
export type { Socket } from "../../core/socket.ts";
export type { SocketEventMap, SocketListener } from "../../core/socket_events.ts";
export type {
  Broker,
  BrokerConnection,
  BrokerEvents,
  HistoryEntry,
  HistoryLimits,
  HistoryPlace,
  HistoryPosition,
  HistoryRange,
} from "../../pubsub/broker/broker.ts";
export type { Hub } from "../../server/hub.ts";
export type { SocketOptions } from "../../server/options.ts";
export type { UpgradeOptions } from "../../server/upgrade.ts";

/** All rules, by the promise that each tries. The files in `rules/` hold them, one per subject. */
export const rules: Readonly<Record<string, Rule>> = {
  ...states,
  ...turns,
  ...connect,
  ...events,
  ...close,
  ...closeCodes,
  ...data,
  ...send,
  ...limits,
  ...streams,
  ...serverStreams,
  ...topics,
  ...topicsInOrder,
  ...topicsUnderLoad,
};
