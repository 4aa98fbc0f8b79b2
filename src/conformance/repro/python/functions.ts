/**
 * The functions of a program in Python, as text.
 *
 * Each is written only if it is called. They are those of `node/`, over a socket that does not block.
 *
 * @module
 */

/** Functions, by name. */
export const FUNCTIONS: Readonly<Record<string, string>> = {
  hex: String.raw`def hex(digits):
    """Octets in hex."""
    return bytes.fromhex(digits)`,

  repeat: String.raw`def repeat(octets, size):
    """Octets, repeated and cut to a size."""
    return (octets * (size // len(octets) + 1))[:size]`,

  unpack: String.raw`def unpack(text):
    """Octets that are compressed here, to keep this file short."""
    return zlib.decompress(base64.b64decode(text), -15)`,

  parts: String.raw`def parts(octets, sizes):
    """Octets, cut into parts of these sizes."""
    found, at = [], 0
    for size in sizes:
        found.append(octets[at:at + size])
        at += size
    return found`,

  frame: String.raw`def frame(header, payload):
    """A frame: its header, and the payload, masked if the header says so."""
    if header[1] < 128:
        return header + payload
    size = len(payload)
    key = int.from_bytes(repeat(header[-4:], size), "big")
    return header + (int.from_bytes(payload, "big") ^ key).to_bytes(size, "big")`,

  encode: String.raw`def encode(first, payload):
    """A right frame of ours. The first octet has FIN, RSV and the opcode."""
    size = len(payload)
    if size < 126:
        header = bytes([first, 0x80 | size])
    elif size < 65536:
        header = bytes([first, 0xFE]) + size.to_bytes(2, "big")
    else:
        header = bytes([first, 0xFF]) + size.to_bytes(8, "big")
    return frame(header + MASK, payload)`,

  MASK: String.raw`MASK = bytes.fromhex("9a3c5e71")`,

  PROBE: String.raw`# Payload of pings and messages that show whether the server is still there.
PROBE = b"isosocket: still there?"`,

  NAMES: String
    .raw`NAMES = {0: "Continuation", 1: "Text", 2: "Binary", 8: "Close", 9: "Ping", 10: "Pong"}`,

  shown: String.raw`def shown(octets):
    """What the server sent, in ASCII: nothing else goes to the terminal."""
    size = len(octets)
    return ascii(bytes(octets[:60]))[1:] + (f" and more, {size} bytes" if size > 60 else "")`,

  in_words: String.raw`def in_words(event):
    """An event in words."""
    what, value = event
    if what == "close":
        return "an empty Close" if value == 1005 else f"Close {value}"
    if what == "end":
        return value
    if what == "silence":
        return "nothing in time"
    return f"{NAMES[value[0]]} {shown(value[1])}"`,

  Fault: String.raw`class Fault(Exception):
    """What the server should not have done."""

    is_final = False  # whether no other way can make it right`,

  final: String.raw`def final(note):
    """A fault that no other way can make right."""
    fault = Fault(note)
    fault.is_final = True
    return fault`,

  unexpected: String.raw`def unexpected(expected, got):
    """The fault that something else came."""
    return Fault(f"Expected {expected}, got {got}")`,

  pause: String.raw`def pause(ms):
    """Waits so many milliseconds."""
    time.sleep(ms / 1000)`,

  cut: String.raw`def cut(octets, chop, cuts):
    """Octets, cut into parts that are written one by one."""
    size = len(octets)
    at = range(0, size, chop) if chop else [size + one if one < 0 else one for one in cuts]
    edges = [0, *sorted(one for one in at if 0 < one < size), size]
    return [octets[start:end] for start, end in zip(edges, edges[1:])]`,

  flaw_in: String.raw`def flaw_in(peer, opcode, fin, rsv, is_masked, extra, length):
    """What is wrong with a frame of the server; None if nothing is."""
    is_data = opcode in (1, 2)
    if peer.has_closed:
        return "a frame after its Close frame"
    if is_masked:
        return "a frame that is masked"
    if rsv & (3 if peer.incoming and is_data else 7):
        return "a frame with reserved bits"
    if opcode not in NAMES:
        return f"reserved opcode {opcode}"
    if length < {0: 0, 2: 126, 8: 65536}[extra]:
        return "a length in too long a form"
    if opcode > 7 and (not fin or length > 125):
        return "a control frame that is fragmented or too long"
    if opcode == 0 and peer.message is None:
        return "a continuation of no message"
    if is_data and peer.message is not None:
        return "a message inside another"
    return None`,

  close_flaw_in: String.raw`def close_flaw_in(payload, is_answer):
    """What is wrong with the payload of a Close frame of the server; None if nothing is."""
    if len(payload) == 0:
        return None
    if len(payload) == 1:
        return "a Close frame of one byte"
    code = int.from_bytes(payload[:2], "big")
    is_defined = (1000 <= code <= 1014 and code not in (1004, 1005, 1006)) or 3000 <= code <= 4999
    # RFC 6455, 5.5.1: an answer typically repeats the code, also one that is reserved.
    if not is_defined and not (is_answer and (code == 1004 or code >= 1016)):
        return f"Close {code}"
    try:
        payload[2:].decode()
    except UnicodeDecodeError:
        return "a Close reason that is not UTF-8"
    return None`,

  expect_alive: String.raw`def expect_alive(count):
    """Expects the server to serve new connections, so many at once."""
    peers = []
    try:
        for _ in range(count):
            peers.append(Peer())
            peers[-1].request(REQUEST)
        for peer in peers:
            peer.expect_upgrade(offers="")
            peer.exchange(1, [b"hello"])
        for peer in peers:
            peer.finish()
    except (Fault, OSError) as error:
        raise Fault(f"Expected the server to serve a new connection: {error}") from None
    finally:
        for peer in peers:
            peer.socket.close()`,

  SlidingWindow: String.raw`class SlidingWindow:
    """One direction of permessage-deflate, as it was agreed on."""

    def __init__(self, bits, keeps_context):
        self.bits, self.keeps_context = bits, keeps_context
        self.reset()

    def reset(self):
        # zlib cannot compress with a window of 256 bytes, except without looking back.
        strategy = zlib.Z_HUFFMAN_ONLY if self.bits == 8 else zlib.Z_DEFAULT_STRATEGY
        self.out = zlib.compressobj(wbits=-max(self.bits, 9), strategy=strategy)
        self.into = zlib.decompressobj(-self.bits)

    def deflate(self, payload):
        octets = (self.out.compress(payload) + self.out.flush(zlib.Z_SYNC_FLUSH))[:-4]
        if not self.keeps_context:
            self.reset()
        return octets or b"\0"

    def inflate(self, octets):
        # In small pieces, so that zlib notices what reaches beyond a small window.
        size, found = 64 if self.bits < 15 else 0, bytearray()
        left = octets + b"\0\0\xff\xff"
        while left:
            piece = self.into.decompress(left, size)
            found += piece
            if self.into.eof:  # a block with BFINAL ends the stream, not the message
                left, self.into = self.into.unused_data, zlib.decompressobj(-self.bits)
            else:
                left = self.into.unconsumed_tail
                if not left and size and len(piece) == size:
                    found += self.into.decompress(b"")
        if not self.keeps_context:
            self.reset()
        return bytes(found)`,
};
