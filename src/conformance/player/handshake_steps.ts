/**
 * The steps of the opening handshake, and the right handshake before all other cases.
 *
 * @module
 */

import { Deflate } from "../wire/deflate.ts";
import { chooseAnswer, readAnswer } from "../wire/extensions.ts";
import {
  flawsOf101,
  requestRules,
  type RequestSpec,
  type ResponseSpec,
  writeRequest,
  writeResponse,
} from "../wire/handshake.ts";
import { type Head, lists, statusOf, valueOf } from "../wire/head.ts";
import { type CaseContext, describeEvent, ExpectationFailed, Skipped } from "./context.ts";
import type { ExpectRefusal, ExpectRequest, ExpectUpgrade } from "../step.ts";
import { type Item, text } from "../wire/frame.ts";

const latin1 = new TextDecoder("latin1");

/** How long a client that ought to have given up is left alone before it is asked. */
const BEFORE_PROBE = 300;

/** Reads the peer's head, or breaks the case. */
async function headOf({ peer, target: stage }: CaseContext, expected: string): Promise<Head> {
  const head = await peer.head(stage.timeout);
  if (typeof head === "object") return head;
  const got = head ?? (peer.ended ? "the end of TCP" : `nothing in ${stage.timeout} ms`);
  throw new ExpectationFailed(expected, got);
}

/** Does a right handshake, on whichever side we are. */
export async function open(scene: CaseContext): Promise<void> {
  if (scene.target.subject === "server") {
    await sendRequest(scene, {});
    await expectUpgrade(scene, { do: "expect-upgrade" });
  } else {
    await sendResponse(scene, {});
  }
}

async function write(
  { peer, log }: CaseContext,
  octets: Uint8Array,
  spec: RequestSpec | ResponseSpec,
): Promise<void> {
  log.add("judge", "http", latin1.decode(octets.subarray(0, 4096)), undefined, octets.length);
  const early: readonly Item[] = spec.early ?? [];
  const parts = [octets, ...peer.out.pack(early)];
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  await peer.out.raw(whole, spec);
}

/** Step "request". */
export async function sendRequest(scene: CaseContext, spec: RequestSpec): Promise<void> {
  const { target: stage, test } = scene;
  const headers = { ...stage.headers, ...spec.headers };
  const name = Object.keys(headers).find((key) => key.toLowerCase() === "sec-websocket-protocol");
  const lists = [name === undefined ? [] : headers[name] ?? []].flat();
  scene.offered = lists.flatMap((list) => list.split(",")).map((protocol) => protocol.trim());
  const octets = writeRequest(spec, {
    host: stage.host,
    target: stage.target,
    key: scene.key,
    offer: test.deflate?.offers.join(", ") ?? "",
    headers,
  });
  await write(scene, octets, spec);
}

/** Step "expect-upgrade". */
export async function expectUpgrade(scene: CaseContext, step: ExpectUpgrade): Promise<void> {
  const { peer, test, key, offered } = scene;
  const head = await headOf(scene, "101 Switching Protocols");
  if (statusOf(head) !== 101) throw new ExpectationFailed("101 Switching Protocols", head.line);
  const flaws = flawsOf101(head, key, offered);
  if (flaws.length > 0) throw new ExpectationFailed("a right 101", flaws.join("; "), "4.1");
  const protocol = head.headers.get("sec-websocket-protocol")?.[0] ?? null;
  if (step.protocol !== undefined && protocol !== step.protocol) {
    throw new ExpectationFailed(`subprotocol ${step.protocol ?? "none"}`, `${protocol ?? "none"}`);
  }

  scene.extensions = valueOf(head, "sec-websocket-extensions");
  const agreed = readAnswer(scene.extensions, test.deflate?.offers ?? []);
  if (agreed && "note" in agreed) {
    throw new ExpectationFailed("an extension that was offered", agreed.note, agreed.section);
  }
  if (agreed) peer.deflate = new Deflate(agreed, true);
  scene.isOpen = true;
  peer.switchToFrames();
  if (test.deflate && !agreed) {
    throw new Skipped("The server did not agree to the compression needed");
  }
}

/** Step "expect-refusal". */
export async function expectRefusal(scene: CaseContext, step: ExpectRefusal): Promise<void> {
  const { peer, target: stage, warnings } = scene;
  const any = step.statuses.length === 0;
  const expected = any ? "no 101" : `a refusal with ${step.statuses.join(" or ")}`;
  const head = await peer.head(stage.timeout);
  if (head === undefined && peer.ended) {
    warnings.push(`Expected ${expected}, got a dropped connection without a response`);
    return;
  }
  if (typeof head !== "object") {
    throw new ExpectationFailed(expected, head ?? `nothing in ${stage.timeout} ms`);
  }
  const status = statusOf(head);
  if (status === 101) throw new ExpectationFailed(expected, "101: the server took it");
  if (Number.isNaN(status)) throw new ExpectationFailed(expected, head.line);
  if (!any && !step.statuses.includes(status)) {
    warnings.push(`Expected ${expected}, got ${head.line}`);
    return;
  }
  for (const [name, value] of Object.entries(step.headers ?? {})) {
    const there = head.headers.has(name.toLowerCase());
    if (there && (value === "" || lists(head, name, value))) continue;
    throw new ExpectationFailed(
      `${expected} and ${name}: ${value}`,
      valueOf(head, name) || "no such header",
    );
  }
}

/** Step "respond". */
export async function sendResponse(scene: CaseContext, spec: ResponseSpec): Promise<void> {
  const { peer, test, target: stage } = scene;
  const request = await headOf(scene, "a request for a WebSocket");
  stage.keys?.add(valueOf(request, "sec-websocket-key"));
  const offer = valueOf(request, "sec-websocket-extensions");
  const choice = test.deflate && chooseAnswer(offer, test.deflate);
  scene.extensions = choice?.header ?? "";
  if (choice) peer.deflate = new Deflate(choice.agreement, false);
  scene.isOpen = true;
  peer.switchToFrames();
  await write(scene, writeResponse(spec, request, scene.extensions), spec);
  if (test.deflate && !choice) {
    throw new Skipped("The client did not offer the compression needed");
  }
}

/** Step "expect-request". */
export async function expectRequest(scene: CaseContext, step: ExpectRequest): Promise<void> {
  const head = await headOf(scene, "a request for a WebSocket");
  for (const rule of step.rules) {
    const complaint = requestRules[rule](head, scene.target.keys ?? new Set());
    if (complaint) throw new ExpectationFailed(`a request whose ${rule} is right`, complaint);
  }
}

/** Step "expect-give-up". */
export async function expectGiveUp(scene: CaseContext): Promise<void> {
  const { peer, target: stage, warnings } = scene;
  const expected = "the client to give up without a frame";
  scene.isOpen = false;
  let happening = await peer.next(Math.min(BEFORE_PROBE, stage.timeout));
  if (happening.what === "silence") {
    // A client that took the response would echo this.
    await peer.out.send([text("Did you take that?")]);
    happening = await peer.next(stage.timeout);
  }
  if (happening.what === "end") return;
  if (happening.what === "close") {
    warnings.push(`Expected ${expected}, got ${describeEvent(happening)}`);
    return;
  }
  throw new ExpectationFailed(expected, describeEvent(happening));
}
