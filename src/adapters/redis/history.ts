/**
 * Histories in Redis: for each channel, a stream of messages (`<channel>:h`) whose ids are the offsets,
 * and a hash with its epoch, its last offset, and the last number of each server (`<channel>:m`).
 *
 * Each step is one script, which no other command interrupts: so all subscribers get the messages in the
 * order of their offsets. Replies of scripts are arrays, whatever the version of the protocol.
 *
 * A Redis that was started anew may have loaded an older state, and would give offsets again. So a history
 * knows in which run of Redis it is, and gets another epoch in the next one, unless Redis has an
 * append-only file: then it comes back with what it has acknowledged.
 *
 * @module
 */

import type {
  HistoryEntry,
  HistoryLimits,
  HistoryPlace,
  HistoryPosition,
  HistoryRange,
} from "../../pubsub/broker/broker.ts";
import { randomName } from "../../pubsub/broker/channels.ts";

/** Time for which the offset of a history is known after its messages are gone, in milliseconds. */
const DAY = 86_400_000;

/** Number of servers whose last numbers are known in one history: above it, all are forgotten. */
const MAX_NODES = 1000;

/** Takes a history of another run of Redis as lost, or on. The run is not known without a permission. */
const CHECK = `
if epoch and ARGV[2] ~= '' and run ~= ARGV[2] then
  if string.find(redis.call('INFO', 'persistence'), 'aof_enabled:1', 1, true) then
    redis.call('HSET', KEYS[2], 'r', ARGV[2])
  else
    epoch = false
  end
end`;

/** Begins a history with a new epoch. What is left of one without an epoch is of no use. */
const BEGIN = `
  epoch = ARGV[1]
  redis.call('DEL', KEYS[1])
  redis.call('DEL', KEYS[2])
  redis.call('HSET', KEYS[2], 'e', epoch, 'r', ARGV[2])`;

/** ARGV: a new epoch, run, number, name of the server, channel, message, size, ttl, time for the offset. */
const APPEND = `
local epoch, run, top, last = unpack(redis.call('HMGET', KEYS[2], 'e', 'r', 'o', ARGV[4]))
${CHECK}
if not epoch then ${BEGIN}
  top = 0
elseif last then
  if tonumber(ARGV[3]) <= tonumber(last) then return {} end
elseif redis.call('HLEN', KEYS[2]) > ${MAX_NODES} then
  redis.call('DEL', KEYS[2])
  redis.call('HSET', KEYS[2], 'e', epoch, 'r', ARGV[2])
end
local offset = string.format('%.0f', (top or 0) + 1)
redis.call('HSET', KEYS[2], 'o', offset, ARGV[4], ARGV[3])
redis.call('PEXPIRE', KEYS[2], ARGV[9])
redis.call('XADD', KEYS[1], 'MAXLEN', '~', ARGV[7], offset .. '-0', 'm', ARGV[6])
redis.call('PEXPIRE', KEYS[1], ARGV[8])
redis.call('PUBLISH', ARGV[5], offset .. ':' .. epoch .. ':' .. ARGV[6])
return {epoch, offset}`;

/** ARGV: a new epoch, run, offset before the first message, number of messages, of bytes. */
const READ = `
local epoch, run = unpack(redis.call('HMGET', KEYS[2], 'e', 'r'))
${CHECK}
if not epoch then ${BEGIN}
  redis.call('PEXPIRE', KEYS[2], ${DAY})
end
local top = tonumber(redis.call('HGET', KEYS[2], 'o') or '0')
local reply = {epoch, tostring(top), tostring(top)}
if tonumber(ARGV[3]) >= top then return reply end
local first = string.format('%.0f', tonumber(ARGV[3]) + 1) .. '-0'
local entries = redis.call('XREVRANGE', KEYS[1], '+', first, 'COUNT', ARGV[4])
local bytes = 0
for _, entry in ipairs(entries) do
  bytes = bytes + #entry[2][2]
  if bytes > tonumber(ARGV[5]) then break end
  local offset = string.match(entry[1], '^%d+')
  table.insert(reply, offset)
  table.insert(reply, entry[2][2])
  reply[3] = tostring(tonumber(offset) - 1)
end
return reply`;

/** What a client sends: the name of a command, and its arguments. */
export type RedisCommand = readonly (string | Uint8Array)[];

/** A script that has to be run. */
interface Run {
  readonly turn: number;
  readonly args: RedisCommand;
  readonly resolve: (reply: unknown) => void;
  readonly reject: (error: unknown) => void;
}

/** A script, which runs in the order of the calls, even if Redis has to be given it meanwhile. */
class Script {
  readonly #source: string;
  readonly #send: (command: RedisCommand) => Promise<unknown>;
  /** Digest of the script, while Redis knows it. */
  #digest: string | undefined;
  #isLoading = false;
  /** Runs that wait until it does. */
  #waiting: Run[] = [];
  #turns = 0;

  constructor(source: string, send: (command: RedisCommand) => Promise<unknown>) {
    this.#source = source;
    this.#send = send;
  }

  run(args: RedisCommand): Promise<unknown> {
    return new Promise((resolve, reject) =>
      this.#start({ turn: this.#turns++, args, resolve, reject })
    );
  }

  #start(run: Run): void {
    if (this.#digest === undefined) return this.#wait(run);
    this.#send(["EVALSHA", this.#digest, ...run.args]).then(run.resolve, (error) => {
      if (!String(error?.message ?? error).includes("NOSCRIPT")) return run.reject(error);
      // SCRIPT FLUSH. Those that were sent before the script is loaded come back here, too.
      this.#digest = undefined;
      this.#wait(run);
    });
  }

  #wait(run: Run): void {
    this.#waiting.push(run);
    if (this.#isLoading) return;
    this.#isLoading = true;
    this.#send(["SCRIPT", "LOAD", this.#source]).then(
      (digest) => this.#loaded(textOf(digest)),
      (error) => {
        for (const { reject } of this.#taken()) reject(error);
      },
    );
  }

  #loaded(digest: string): void {
    const runs = this.#taken();
    this.#digest = digest;
    for (const run of runs) this.#start(run);
  }

  #taken(): Run[] {
    this.#isLoading = false;
    const runs = this.#waiting.toSorted((one, other) => one.turn - other.turn);
    this.#waiting = [];
    return runs;
  }
}

const decoder = new TextDecoder();

function textOf(reply: unknown): string {
  return typeof reply === "string" ? reply : decoder.decode(reply as Uint8Array);
}

/** Channels whose messages begin with their place. */
const CHANNEL = /^history:/;

/** Longest place at the beginning of a message. */
const MAX_PLACE = 96;

const PLACE = /^([1-9]\d{0,15}):([\w-]{1,64}):/;

/** A message as it was published, and its place, if it was appended. */
export type Placed = [message: string | Uint8Array, place?: HistoryPlace];

/** Takes the place from a message that has come on a channel. */
export function placedOf(channel: string, message: string | Uint8Array): Placed {
  if (!CHANNEL.test(channel)) return [message];
  const isText = typeof message === "string";
  const head = isText ? message.slice(0, MAX_PLACE) : latin1(message.subarray(0, MAX_PLACE));
  const [whole, digits, epoch] = PLACE.exec(head) ?? [];
  if (whole === undefined) return [message];
  const offset = Number(digits);
  const rest = isText ? message.slice(whole.length) : message.subarray(whole.length);
  return [rest, { epoch: epoch!, offset, previous: offset - 1 }];
}

function latin1(bytes: Uint8Array): string {
  return String.fromCharCode.apply(null, bytes as unknown as number[]);
}

/** Resolves with the name of the run of Redis, which ends with this connection; `""` if it is not told. */
async function runOfRedis(send: (command: RedisCommand) => Promise<unknown>): Promise<string> {
  try {
    const told = textOf(await send(["INFO", "server"]));
    return /^run_id:(\w+)/m.exec(told)?.[1] ?? "";
  } catch {
    return "";
  }
}

/** The members of a connection that are for histories. */
export interface RedisHistories {
  /** Appends a message, and publishes it. */
  append(
    channel: string,
    message: string | Uint8Array,
    entry: HistoryEntry,
  ): Promise<HistoryPosition>;
  /** Reads the newest messages. */
  read(channel: string, limits: HistoryLimits): Promise<HistoryRange>;
}

/**
 * Makes them.
 *
 * @param isText Whether messages are text.
 * @param send Sends a command. Its replies are bytes, or text.
 */
export function historiesOf(
  prefix: string,
  isText: boolean,
  send: (command: RedisCommand) => Promise<unknown>,
): RedisHistories {
  const append = new Script(APPEND, send);
  const read = new Script(READ, send);
  let run: Promise<string> | undefined;
  const runOf = (): Promise<string> => run ??= runOfRedis(send);
  return {
    append: async (channel, message, { size, ttl, node, number }) => {
      const key = prefix + channel;
      const limits = [size, Math.ceil(ttl), Math.ceil(ttl) + DAY].map(String);
      const rest = [await runOf(), String(number), `n${node}`, key, message, ...limits];
      const args = ["2", `${key}:h`, `${key}:m`, randomName(), ...rest];
      const [epoch, offset] = await append.run(args) as unknown[];
      if (epoch === undefined) {
        throw new Error(`Cannot append message ${number} of ${node}: it came already`);
      }
      return { epoch: textOf(epoch), offset: Number(textOf(offset)) };
    },
    read: async (channel, { after, messages, bytes }) => {
      const key = prefix + channel;
      const limits = [after, messages, bytes].map(String);
      const args = ["2", `${key}:h`, `${key}:m`, randomName(), await runOf(), ...limits];
      const [epoch, top, floor, ...rest] = await read.run(args) as unknown[];
      const found: { offset: number; message: string | Uint8Array }[] = [];
      for (let at = rest.length - 2; at >= 0; at -= 2) {
        const message = rest[at + 1] as string | Uint8Array;
        const offset = Number(textOf(rest[at]));
        found.push({ offset, message: isText ? textOf(message) : message });
      }
      return {
        epoch: textOf(epoch),
        top: Number(textOf(top)),
        floor: Number(textOf(floor)),
        messages: found,
      };
    },
  };
}
