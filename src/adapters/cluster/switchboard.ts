/** Who has subscribed to which channel, in the primary process of a cluster. @module */

import type {
  HistoryEntry,
  HistoryLimits,
  HistoryPlace,
  HistoryPosition,
  HistoryRange,
} from "../../pubsub/broker/broker.ts";
import { ChannelLogs } from "../../pubsub/broker/channel_logs.ts";

/** A connection with the switchboard. */
export interface Member {
  /** Channels that it has subscribed to. */
  readonly channels: Set<string>;
  /** Delivers a message. */
  deliver(channel: string, message: string | Uint8Array, place?: HistoryPlace): void;
}

/** Delivers each message to the members that have subscribed to its channel. */
export class Switchboard {
  readonly #members: Map<string, Set<Member>> = new Map();
  readonly #logs: ChannelLogs = new ChannelLogs(() => Date.now());

  /** Subscribes a member to a channel. */
  subscribe(member: Member, channel: string): void {
    member.channels.add(channel);
    const members = this.#members.get(channel);
    if (members === undefined) this.#members.set(channel, new Set([member]));
    else members.add(member);
  }

  /** Ends a subscription. */
  unsubscribe(member: Member, channel: string): void {
    member.channels.delete(channel);
    const members = this.#members.get(channel);
    members?.delete(member);
    if (members?.size === 0) this.#members.delete(channel);
  }

  /** Ends all subscriptions of a member. */
  remove(member: Member): void {
    for (const channel of member.channels) this.unsubscribe(member, channel);
  }

  /** Delivers a message. */
  publish(channel: string, message: string | Uint8Array, place?: HistoryPlace): void {
    for (const member of this.#members.get(channel) ?? []) member.deliver(channel, message, place);
  }

  /**
   * Appends a message to the history of its channel, and delivers it.
   *
   * @throws {Error} If it came already.
   */
  append(channel: string, message: string | Uint8Array, entry: HistoryEntry): HistoryPosition {
    const place = this.#logs.append(channel, message, entry);
    this.publish(channel, message, place);
    return { epoch: place.epoch, offset: place.offset };
  }

  /** Reads the newest messages of the history of a channel. */
  read(channel: string, limits: HistoryLimits): HistoryRange {
    return this.#logs.read(channel, limits);
  }
}
