/**
 * The functions of a program for `node:test`, as text.
 *
 * Each is written only if it is called. They follow the player (`player/`), with less detail: no wire log, no limits.
 *
 * @module
 */

/** Functions, by name. */
export const FUNCTIONS: Readonly<Record<string, string>> = {
  hex: String.raw`/** Octets in hex. */
const hex = (digits) => Buffer.from(digits.replaceAll(" ", ""), "hex");`,

  repeat: String.raw`/** Octets, repeated and cut to a size. */
const repeat = (octets, size) => Buffer.alloc(size, octets);`,

  unpack: String.raw`/** Octets that are compressed here, to keep this file short. */
const unpack = (base64) => zlib.inflateRawSync(Buffer.from(base64, "base64"));`,

  parts: String.raw`/** Octets, cut into parts of these sizes. */
function parts(octets, sizes) {
  let at = 0;
  return sizes.map((size) => octets.subarray(at, at += size));
}`,

  frame: String.raw`/** A frame: its header, and the payload, masked if the header says so. */
function frame(header, payload) {
  const octets = Buffer.concat([header, payload]);
  if (header[1] < 128) return octets;
  for (let at = 0; at < payload.length; at++) {
    octets[header.length + at] ^= header[header.length - 4 + (at & 3)];
  }
  return octets;
}`,

  encode: String.raw`/** A right frame of ours. The first octet has FIN, RSV and the opcode. */
function encode(first, payload) {
  const { length } = payload;
  const extra = Buffer.alloc(length < 126 ? 0 : length < 65536 ? 2 : 8);
  if (extra.length === 2) extra.writeUInt16BE(length);
  if (extra.length === 8) extra.writeBigUInt64BE(BigInt(length));
  const form = length < 126 ? length : length < 65536 ? 126 : 127;
  return frame(Buffer.concat([Buffer.of(first, 0x80 | form), extra, MASK]), payload);
}`,

  MASK: String.raw`const MASK = Buffer.of(0x9a, 0x3c, 0x5e, 0x71);`,

  PROBE: String
    .raw`/** Payload of pings and messages that show whether the server is still there. */
const PROBE = Buffer.from("isosocket: still there?");`,

  NAMES: String
    .raw`const NAMES = { 0: "Continuation", 1: "Text", 2: "Binary", 8: "Close", 9: "Ping", 10: "Pong" };`,

  shown: String.raw`/** What the server sent, in ASCII: nothing else goes to the terminal. */
function shown(octets) {
  const text = Buffer.from(octets.subarray(0, 60)).toString("latin1");
  const escaped = text.replace(/[^ -~]|\\/g, (one) =>
    "\\x" + one.charCodeAt(0).toString(16).padStart(2, "0"));
  return '"' + escaped + '"' + (octets.length > 60 ? " and more, " + octets.length + " bytes" : "");
}`,

  inWords: String.raw`/** An event in words. */
function inWords({ what, opcode, payload, code, note }) {
  if (what === "close") return code === 1005 ? "an empty Close" : "Close " + code;
  if (what === "end") return note;
  if (what === "silence") return "nothing in time";
  return NAMES[opcode] + " " + shown(payload);
}`,

  Fault: String.raw`/** What the server should not have done. */
class Fault extends Error {
  /** Whether no other way can make it right. */
  isFinal = false;
}`,

  unexpected: String.raw`/** The fault that something else came. */
const unexpected = (expected, got) => new Fault("Expected " + expected + ", got " + got);`,

  pause: String.raw`/** Waits so many milliseconds, or one turn of the event loop. */
const pause = (ms) =>
  new Promise((resolve) => ms > 0 ? setTimeout(resolve, ms) : setImmediate(resolve));`,

  cut: String.raw`/** Octets, cut into parts that are written one by one. */
function cut(octets, { chop, cuts = [] }) {
  const { length } = octets;
  const at = chop
    ? Array.from({ length: Math.ceil(length / chop) }, (_, part) => part * chop)
    : cuts.map((offset) => offset < 0 ? length + offset : offset);
  const edges = [0, ...at.filter((one) => one > 0 && one < length).sort((a, b) => a - b), length];
  return edges.slice(1).map((edge, part) => octets.subarray(edges[part], edge));
}`,

  flawIn: String.raw`/** What is wrong with a frame of the server; undefined if nothing is. */
function flawIn({ opcode, fin, rsv, isMasked, extra, length }, { hasClosed, deflate, message }) {
  const isData = opcode === 1 || opcode === 2;
  if (hasClosed) return "a frame after its Close frame";
  if (isMasked) return "a frame that is masked";
  if (rsv & (deflate && isData ? 3 : 7)) return "a frame with reserved bits";
  if (!Object.hasOwn(NAMES, opcode)) return "reserved opcode " + opcode;
  if (length < (extra === 8 ? 65536 : extra === 2 ? 126 : 0)) return "a length in too long a form";
  if (opcode > 7 && (!fin || length > 125)) return "a control frame that is fragmented or too long";
  if (opcode === 0 && !message) return "a continuation of no message";
  if (isData && message) return "a message inside another";
  return undefined;
}`,

  closeFlawIn: String
    .raw`/** What is wrong with the payload of a Close frame of the server; undefined if nothing is. */
function closeFlawIn(payload, isAnswer) {
  if (payload.length === 0) return undefined;
  if (payload.length === 1) return "a Close frame of one byte";
  const code = payload.readUInt16BE(0);
  const isDefined = (code >= 1000 && code <= 1014 && ![1004, 1005, 1006].includes(code)) ||
    (code >= 3000 && code <= 4999);
  // RFC 6455, 5.5.1: an answer typically repeats the code, also one that is reserved.
  if (!isDefined && !(isAnswer && (code === 1004 || code >= 1016))) return "Close " + code;
  return isUtf8(payload.subarray(2)) ? undefined : "a Close reason that is not UTF-8";
}`,

  expectAlive: String.raw`/** Expects the server to serve new connections, so many at once. */
async function expectAlive(count) {
  const peers = [];
  try {
    for (let made = 0; made < count; made++) peers.push(await Peer.connect());
    await Promise.all(peers.map(async (peer) => {
      await peer.request(REQUEST);
      await peer.expectUpgrade({ offers: "" });
      await peer.exchange(1, [Buffer.from("hello")]);
      await peer.finish();
    }));
  } catch (error) {
    throw new Fault("Expected the server to serve a new connection: " + error.message);
  } finally {
    for (const peer of peers) peer.socket.destroy();
  }
}`,

  slidingWindow: String.raw`/** One direction of permessage-deflate, as it was agreed on. */
function slidingWindow(bits, keepsContext) {
  let dictionary = Buffer.alloc(0);
  const options = () => ({
    windowBits: Math.max(bits, 9),
    finishFlush: zlib.constants.Z_SYNC_FLUSH,
    // zlib cannot compress with a window of 256 bytes, except without looking back.
    strategy: bits === 8 ? zlib.constants.Z_HUFFMAN_ONLY : zlib.constants.Z_DEFAULT_STRATEGY,
    ...(dictionary.length > 0 && { dictionary }),
  });
  const remember = (payload) => {
    if (keepsContext) dictionary = Buffer.concat([dictionary, payload]).subarray(-(1 << bits));
    return payload;
  };
  return {
    deflate(payload) {
      const octets = zlib.deflateRawSync(payload, options()).subarray(0, -4);
      remember(payload);
      return octets.length > 0 ? octets : Buffer.alloc(1);
    },
    inflate(octets) {
      const whole = Buffer.concat([octets, Buffer.of(0, 0, 0xff, 0xff)]);
      // In small pieces, so that zlib notices what reaches beyond a small window.
      const piece = bits < 15 ? { chunkSize: 64, windowBits: bits } : { windowBits: 15 };
      return remember(zlib.inflateRawSync(whole, { ...options(), ...piece }));
    },
  };
}`,
};
