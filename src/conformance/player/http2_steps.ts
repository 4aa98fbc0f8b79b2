/**
 * The steps of cases about HTTP/2, and the opening handshake over it (RFC 8441).
 *
 * @module
 */

import type { Http2Act, Http2Step, Step } from "../step.ts";
import type { Headers } from "../wire/handshake.ts";
import { connectFields } from "../wire/http2/connect_request.ts";
import { CODE, nameOfCode } from "../wire/http2/frames.ts";
import type { Http2Stream } from "../wire/http2/stream.ts";
import {
  type CaseContext,
  describeEvent,
  ExpectationFailed,
  newContext,
  passOver,
  Skipped,
} from "./context.ts";
import { Peer } from "./peer.ts";
import { SocketLog } from "./wire_log.ts";

/** What performs steps: handed in, as the steps of other sockets may be any. */
export interface Performer {
  /** Opens a WebSocket with a correct handshake. */
  open(context: CaseContext): Promise<void>;

  /** Performs one step. */
  perform(context: CaseContext, step: Step): Promise<void>;
}

/** Whether steps open the WebSocket themselves, or look at the connection before there is one. */
export function connects(steps: readonly Step[]): boolean {
  return steps.some((step) =>
    step.do === "http2" && (step.act === "connect" || step.act === "expect-setting")
  );
}

/** Whether steps end the stream, or wait for its end. */
export function endsStream(steps: readonly Step[]): boolean {
  return steps.some((step) =>
    step.do === "http2" && (step.act === "send-and-end" || step.act === "expect-ending" ||
      step.act === "connect" && step.endStream)
  );
}

/** Sends an extended CONNECT: correct except for the changes of a case. */
export async function sendConnect(
  context: CaseContext,
  stream: Http2Stream,
  changes: Headers,
  endStream = false,
): Promise<void> {
  const { target, test, log } = context;
  const problem = await stream.connection.ready(target.timeout);
  if (problem !== undefined) {
    const { why, timedOut } = problem;
    throw new ExpectationFailed("HTTP/2 with extended CONNECT", why, { timedOut });
  }
  const fields = connectFields(changes, {
    scheme: target.scheme ?? "http",
    host: target.host,
    target: target.target,
    offer: test.deflate?.offers.join(", ") ?? "",
    headers: target.headers ?? {},
  });
  context.offered = fields.filter(([name]) => name === "sec-websocket-protocol")
    .flatMap(([, value]) => value.split(",").map((protocol) => protocol.trim()));
  const end = endStream ? ", and the end of the stream" : "";
  log.add("judge", "http", fields.map(([name, value]) => `${name}: ${value}`).join("\r\n") + end);
  await stream.request(fields, endStream);
}

/** Step "http2". */
export async function performHttp2(
  context: CaseContext,
  step: Http2Step,
  performer: Performer,
): Promise<void> {
  const { stream } = context.peer;
  if (stream === undefined) throw new Skipped("It is for WebSockets over HTTP/2");
  if (step.act === "on") return await performOn(context, stream, step, performer);
  await act(context, stream, step);
}

async function act(
  context: CaseContext,
  stream: Http2Stream,
  step: Exclude<Http2Act, { act: "on" }>,
): Promise<void> {
  const { peer, log, target } = context;
  const { connection } = stream;
  switch (step.act) {
    case "connect":
      return await sendConnect(context, stream, step.fields, step.endStream);
    case "settings": {
      const words = Object.entries(step.values).map(([id, value]) => `${id} = ${value}`);
      log.add("judge", "tcp", `SETTINGS ${words.join(", ")}`);
      const isDone = await connection.changeSettings(step.values, target.timeout);
      return expectAnswer(context, isDone, "an acknowledgement of our SETTINGS", "9113:6.5.3");
    }
    case "expect-setting":
      return await expectSetting(context, stream);
    case "carry":
      stream.carriage = step.how;
      return;
    case "hold":
      stream.isHeld = true;
      return;
    case "grant":
      log.add("judge", "tcp", `WINDOW_UPDATE ${step.octets}, ${step.times} times`);
      for (let time = 0; time < step.times; time++) await stream.grant(step.octets);
      return;
    case "send-and-end":
      await peer.out.sendWith(step.items, (octets) => stream.writeAndEnd(octets));
      return;
    case "reset":
      log.add("judge", "tcp", `RST_STREAM ${nameOfCode(step.code)}`);
      return await stream.reset(step.code);
    case "expect-ending":
      return await expectEnding(context, stream, step.by);
    case "ping": {
      log.add("judge", "tcp", "PING");
      const isDone = await connection.ping(target.timeout);
      return expectAnswer(context, isDone, "an acknowledgement of our PING", "9113:6.7");
    }
    case "frame":
      log.add("judge", "tcp", `A frame of type ${step.type}`, step.payload);
      await connection.send({ type: step.type, stream: 0, payload: step.payload });
  }
}

function expectAnswer(
  { peer, target }: CaseContext,
  isDone: boolean,
  expected: string,
  violated: string,
): void {
  if (isDone) return;
  const isGone = peer.ended !== undefined;
  const got = isGone ? "the end of the connection" : `nothing in ${target.timeout} ms`;
  throw new ExpectationFailed(expected, got, { timedOut: !isGone, ...(isGone && { violated }) });
}

/** Step "expect-setting". */
async function expectSetting({ target }: CaseContext, stream: Http2Stream): Promise<void> {
  const { connection } = stream;
  const expected = "SETTINGS_ENABLE_CONNECT_PROTOCOL to be 1";
  const problem = await connection.ready(target.timeout);
  if (problem !== undefined) {
    throw new ExpectationFailed(expected, problem.why, { timedOut: problem.timedOut });
  }
  const values = connection.connectProtocol;
  if (values.every((value) => value === 1)) return;
  throw new ExpectationFailed(expected, values.join(", and then "));
}

/** Step "expect-ending". */
async function expectEnding(
  context: CaseContext,
  stream: Http2Stream,
  by: readonly (number | "end")[],
): Promise<void> {
  const expected = by.map((one) => one === "end" ? "END_STREAM" : `RST_STREAM ${nameOfCode(one)}`)
    .join(" or ");
  const { peer, target } = context;
  for (;;) {
    const event = await peer.next(target.timeout);
    if (event.what === "message" || event.what === "pong" || event.what === "close") {
      passOver(context, event);
      continue;
    }
    if (event.what !== "end" || stream.ending === undefined) {
      const timedOut = event.what === "silence";
      throw new ExpectationFailed(expected, describeEvent(event), { timedOut });
    }
    if (by.includes(stream.ending)) return;
    throw new ExpectationFailed(expected, describeEvent(event));
  }
}

/** Step "on". */
async function performOn(
  context: CaseContext,
  stream: Http2Stream,
  { socket, steps }: Extract<Http2Act, { act: "on" }>,
  { open, perform }: Performer,
): Promise<void> {
  let other = context.sockets.get(socket);
  if (other === undefined) {
    const { target, test } = context;
    const log = new SocketLog(context.log, socket);
    const peer = new Peer(stream.connection.stream(), log, true, target.timeout);
    other = newContext({ ...test, steps: [] }, target, peer, log);
    context.sockets.set(socket, other);
    if (!connects(steps)) await open(other);
  }
  try {
    for (const step of steps) await perform(other, step);
  } catch (error) {
    if (!(error instanceof ExpectationFailed)) throw error;
    const { expected, got, timedOut, violated } = error;
    throw new ExpectationFailed(`${expected} on socket ${socket}`, got, {
      timedOut,
      ...(violated !== undefined && { violated }),
    });
  }
}

/** Whether RST_STREAM is the right refusal of a malformed request (RFC 9113, 8.1.1). */
export function isRefusedByReset({ peer }: CaseContext): boolean {
  const ending = peer.stream?.ending;
  return typeof ending === "number" && ending !== CODE.noError;
}
