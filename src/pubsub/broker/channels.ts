/** Names of channels at a broker, and of servers. @module */

/** Returns the channel of a topic. Different topics have different channels, half surrogates or not. */
export function channelOf(topic: string): string {
  return `topic:${wellFormed(topic)}`;
}

/** Returns whether a channel is that of a plain topic. */
export function isTopicChannel(channel: string): boolean {
  return channel.startsWith("topic:");
}

/** Returns the channel of a topic that keeps a history. */
export function historyChannelOf(topic: string): string {
  return `history:${wellFormed(topic)}`;
}

/** Channel on which servers say who is present. No topic has it. */
export const presenceChannel = "presence:";

/** Returns the channel on which a server is told who is present. */
export function presenceChannelOf(node: string): string {
  return `${presenceChannel}${node}`;
}

function wellFormed(topic: string): string {
  // A percent sign escapes what UTF-8 cannot hold; it is rare enough to be escaped itself.
  return topic.replaceAll(
    /%|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g,
    (unit) => unit === "%" ? "%25" : `%u${unit.charCodeAt(0).toString(16)}`,
  );
}

/** Returns the channel on which a server hears itself. */
export function ownChannelOf(node: string): string {
  return `node:${node}`;
}

/** Returns whether a channel is one on which a server hears itself. */
export function isOwnChannel(channel: string): boolean {
  return channel.startsWith("node:");
}

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/** Makes a name of 12 characters for a server: 72 random bits. */
export function randomName(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(12));
  return Array.from(bytes, (byte) => ALPHABET[byte & 63]).join("");
}
