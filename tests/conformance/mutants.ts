/**
 * Mutants: endpoints that are wrong in one way each. The cases about that way must notice, and no
 * others. A case that no mutant fails proves nothing: add a mutant that it catches.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import type { EndpointFrame, Faults } from "./faults.ts";

/** A wrong endpoint. */
export interface Mutant extends Faults {
  /** Role of the endpoint. Default: server. */
  readonly subject?: "server" | "client";

  /** Beginning of the ids of cases that judge it although they are slow. */
  readonly also?: string;

  /** Reason why it breaks no MUST, so that no case fails, and some only warn. */
  readonly loose?: string;
}

const EMPTY = Buffer.alloc(0);

/** Makes a fault in sent frames of these opcodes. */
function sending(
  opcodes: readonly number[],
  change: (frame: EndpointFrame) => EndpointFrame | EndpointFrame[],
): Faults {
  return { sent: (frame) => opcodes.includes(frame.opcode) ? change(frame) : frame };
}

const DATA = [1, 2];

/** Splits a frame in two, the first without FIN. */
function halves(frame: EndpointFrame): EndpointFrame[] {
  const middle = frame.payload.length >> 1;
  return [
    { ...frame, fin: false, payload: frame.payload.subarray(0, middle) },
    { ...frame, opcode: 0, rsv: 0, payload: frame.payload.subarray(middle) },
  ];
}

/** All mutants, by what is wrong with them. */
export const mutants: Readonly<Record<string, Mutant>> = {
  // Control frames.
  "pongs are empty": sending([0xa], (frame) => ({ ...frame, payload: EMPTY })),
  "pongs never come": { sent: (frame) => frame.opcode === 0xa ? undefined : frame },
  "pongs are cut to 124 bytes": sending([0xa], (frame) => {
    return { ...frame, payload: frame.payload.subarray(0, 124) };
  }),
  "pongs come twice": sending([0xa], (frame) => [frame, frame]),
  "pongs come masked": sending([0xa], (frame) => ({ ...frame, masked: true })),
  "stray pongs are answered": {
    received: (frame) => frame.opcode === 0xa ? { ...frame, opcode: 0x9 } : frame,
  },
  "stray pongs end it": {
    received: (frame) => frame.opcode === 0xa ? { ...frame, opcode: 0x8, payload: EMPTY } : frame,
  },
  "control frames may be long": { ignores: ["control-size"] },
  "control frames may be fragmented": { ignores: ["control-fin"] },

  // Framing.
  "RSV bits are ignored": { ignores: ["rsv"] },
  "RSV1 is ignored": { ignores: ["rsv1"] },
  "reserved data opcodes are ignored": { ignores: ["opcode"] },
  "reserved control opcodes are ignored": { ignores: ["control-opcode"] },
  "clients need not mask": { ignores: ["mask"] },
  "servers may mask": { subject: "client", ignores: ["mask"] },
  "servers may mask, and any Close is a right one": {
    subject: "client",
    ignores: ["mask"],
    closeAnswer: () => Buffer.from([0x03, 0xe8]),
  },
  "the top bit of a length is ignored": {
    ignores: ["length-msb", "minimal"],
    loose: "5.2 does not say what to do with such a length",
  },
  "lengths may be written long": {
    ignores: ["minimal"],
    loose: "5.2 does not say what to do with such a length",
  },
  "lengths are written long": sending(DATA, (frame) => ({ ...frame, long: true })),
  "frames come masked": sending(DATA, (frame) => ({ ...frame, masked: true })),
  "frames come unmasked": {
    subject: "client",
    ...sending(DATA, (frame) => ({ ...frame, masked: false })),
  },
  "frames come with one key": { subject: "client", reusesKey: true },
  "frames come with RSV2": sending(DATA, (frame) => ({ ...frame, rsv: frame.rsv | 2 })),

  // Messages.
  "the last byte is changed": {
    echo: (opcode, payload) => {
      const changed = Buffer.from(payload);
      if (changed.length > 0) changed[changed.length - 1]! ^= 1;
      return { opcode, payload: changed };
    },
  },
  "empty messages are lost": {
    sent: (frame) => DATA.includes(frame.opcode) && frame.payload.length < 2 ? undefined : frame,
  },
  "text comes back as binary": { echo: (_, payload) => ({ opcode: 2, payload }) },
  "binary comes back as text": { echo: (_, payload) => ({ opcode: 1, payload }), utf8: "never" },
  "messages come back twice": sending(DATA, (frame) => [frame, frame]),
  "messages have a limit of 4000 bytes": { limit: 4000 },
  "messages have a limit of 8 fragments": { maxFragments: 8 },
  "echoes are fragmented and stay open": sending(DATA, (frame) => halves(frame)[0]!),
  "stray continuations begin a text": { ignores: ["stray-continuation"] },
  "a message may begin inside another": { ignores: ["interleaved"] },
  "it greets": { greets: true },
  "early data are lost": { losesEarlyData: true, loose: "4.1 forbids clients to send them" },

  // Text.
  "text is never checked": { utf8: "never" },
  "text is checked at its end": {
    utf8: "late",
    also: "8.1/",
    loose: "8.1 does not say how soon it has to be noticed",
  },
  "a refusal has the wrong code": {
    failure: () => 1011,
    loose: "7.1.7: it SHOULD send a Close with the appropriate code",
  },
  "a refusal has no code": {
    failure: () => 1005,
    loose: "7.1.7: it SHOULD send a Close with the appropriate code",
  },
  "a refusal has no Close": {
    failure: () => null,
    loose: "7.1.7: it SHOULD send a Close with the appropriate code",
  },

  // Closing.
  "Close is answered with another code": {
    closeAnswer: () => Buffer.from([0x03, 0xe9]),
    loose: "5.5.1: an answer typically repeats the code",
  },
  "Close is answered without a code": {
    closeAnswer: () => EMPTY,
    loose: "5.5.1: an answer typically repeats the code",
  },
  "Close is never answered": { closeAnswer: () => undefined },
  "Close is ignored": { ignoresClose: true },
  "Close is answered and TCP kept": { keepsTcpOpen: true },
  "Close may have one byte": { ignores: ["close-length"] },
  "Close may have any code": { ignores: ["close-code"] },
  "Close may have any reason": { ignores: ["close-reason"] },
  "it talks after Close": { talksAfterClose: true },

  // Compression.
  "the context is not kept": { deflate: "forgets" },
  "the context is kept against the agreement": { deflate: "keeps" },
  "the window is wider than agreed": { deflate: "wide" },
  "an answer has to repeat what the offer does without": {
    subject: "client",
    needsNoTakeover: true,
  },
  "any extension is accepted": { extensions: "x-made-up" },
  "compression is answered with nonsense": {
    extensions: "permessage-deflate; server_max_window_bits=99",
  },

  // The opening handshake of servers.
  "any method will do": { ignores: ["method"] },
  "any version of HTTP will do": { ignores: ["http-version"] },
  "any protocol will do for HTTP": { ignores: ["http-name"] },
  "a subprotocol is made up, whatever is offered": {
    ignores: ["protocol", "field-octets"],
    protocol: "made-up",
  },
  "a refusal names no version": {
    response: (text) => text.replace("Sec-WebSocket-Version: 13\r\n", ""),
  },
  "no Host is needed": { ignores: ["host"] },
  "any target will do": {
    ignores: ["target"],
    loose: "what a target looks like is a rule of HTTP",
  },
  "no Upgrade is needed": { ignores: ["upgrade"] },
  "no Connection is needed": { ignores: ["connection"] },
  "any key will do": { ignores: ["key"] },
  "any version will do": { ignores: ["version"] },
  "any offer of subprotocols will do": { ignores: ["protocol"] },
  "any offer of extensions will do": { ignores: ["extension"] },
  "a subprotocol is made up": { protocol: "made-up" },
  "Accept is wrong": { response: (text) => text.replace(/Accept: ./, "Accept: _") },
  "Connection is missing": { response: (text) => text.replace("Connection: Upgrade\r\n", "") },
  "nobody is let in": { response: () => "HTTP/1.1 503 Service Unavailable\r\n\r\n" },

  // The opening handshake of clients.
  "any status will do": { subject: "client", ignores: ["status"] },
  "any response will do": { subject: "client", acceptsAnyResponse: true },
  "TCP is kept open whatever comes": { subject: "client", keepsTcpOpen: true },
  "any Accept will do": { subject: "client", ignores: ["accept"] },
  "no Upgrade is needed in the response": { subject: "client", ignores: ["upgrade"] },
  "no Connection is needed in the response": { subject: "client", ignores: ["connection"] },
  "any subprotocol is accepted": { subject: "client", ignores: ["protocol"] },
  "any answer of extensions is accepted": { subject: "client", ignores: ["extension"] },
  "the request has version 8": {
    subject: "client",
    request: (text) => text.replace("Version: 13", "Version: 8"),
  },
  "the key is short": { subject: "client", request: (text) => text.replace(/Key: .*/, "Key: abc") },
  "the request is a POST": { subject: "client", request: (text) => text.replace("GET", "POST") },
  "the request has no Host": {
    subject: "client",
    request: (text) => text.replace(/Host.*\r\n/, ""),
  },
};
