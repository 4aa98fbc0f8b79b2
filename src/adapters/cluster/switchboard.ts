/** Who has subscribed to which channel, in the primary process of a cluster. @module */

/** A connection with the switchboard. */
export interface Member {
  /** Channels that it has subscribed to. */
  readonly channels: Set<string>;
  /** Delivers a message. */
  deliver(channel: string, message: string | Uint8Array): void;
}

/** Delivers each message to the members that have subscribed to its channel. */
export class Switchboard {
  readonly #members: Map<string, Set<Member>> = new Map();

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
  publish(channel: string, message: string | Uint8Array): void {
    for (const member of this.#members.get(channel) ?? []) member.deliver(channel, message);
  }
}
