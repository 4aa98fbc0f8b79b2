/** Lets subscriptions of one channel begin and end one after another. @module */

/** Runs what is to be done for a channel when what was asked for before is done. */
export type ChannelTurns = (
  channel: string,
  action: () => Promise<unknown>,
) => Promise<unknown>;

/**
 * Makes turns. Clients know a channel as subscribed until the answer to their UNSUBSCRIBE has come: if
 * they were asked to subscribe again meanwhile, they would send nothing, and hear nothing any more.
 *
 * @param ready Has to resolve before the first action.
 */
export function channelTurns(ready: Promise<unknown>): ChannelTurns {
  const last = new Map<string, Promise<void>>();
  return (channel, action) => {
    const turn = (last.get(channel) ?? ready).then(action);
    const settled: Promise<void> = turn.then(() => {}, () => {}).then(() => {
      if (last.get(channel) === settled) last.delete(channel);
    });
    last.set(channel, settled);
    return turn;
  };
}
