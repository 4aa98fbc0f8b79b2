/**
 * The connection of a program in Python, as text.
 *
 * Each is written only if it is called. They are those of `node/`, over a socket that does not block.
 *
 * @module
 */

/** Methods of the class `Peer`, by name: a connection, up to the events that happen on it. */
export const CONNECTION: Readonly<Record<string, string>> = {
  __init__: String.raw`    def __init__(self):
        is_secure = ADDRESS.scheme in ("wss", "https")
        host, port = ADDRESS.hostname, ADDRESS.port or (443 if is_secure else 80)
        self.socket = socket.create_connection((host, port), TIMEOUT)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if is_secure:
            self.socket = ssl.create_default_context().wrap_socket(self.socket, server_hostname=host)
        self.socket.setblocking(False)
        self.input, self.output = bytearray(), bytearray()
        self.events, self.at, self.aside, self.warnings = [], 0, [], []
        self.is_open = self.is_over = self.is_deaf = self.is_clean = False
        self.has_closed = self.sent_close = self.closed_first = False
        self.message = self.ended = self.answer = self.outgoing = self.incoming = None
        self.moved = time.monotonic()`,

  pump: String.raw`    def pump(self, seconds):
        """Reads and writes what can be, or waits so long for it."""
        if self.ended:
            return
        reads = [] if self.is_deaf else [self.socket]
        writes = [self.socket] if self.output else []
        if not reads and not writes:
            return time.sleep(min(seconds, 0.01))
        if getattr(self.socket, "pending", int)():
            seconds = 0
        _, writable, _ = select.select(reads, writes, [], seconds)
        try:
            if writable:
                sent = self.socket.send(self.output[:65536])
                del self.output[:sent]
                self.moved = time.monotonic()
            if reads:
                self.receive(self.socket.recv(65536))
        except (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError):
            pass
        except OSError:
            self.stop("a TCP reset")`,

  stop: String.raw`    def stop(self, note):
        self.ended = ("end", note)
        self.output.clear()
        if self.is_open:
            self.events.append(self.ended)`,

  receive: String.raw`    def receive(self, octets):
        if not octets:
            return self.stop("the end of TCP without a Close frame")
        self.moved = time.monotonic()
        self.input += octets
        while self.is_open and not self.is_over and self.read_frame():
            pass`,

  read_frame: String.raw`    def read_frame(self):
        """Reads a frame, if it has come as a whole."""
        if len(self.input) < 2:
            return False
        form, is_masked = self.input[1] & 127, self.input[1] > 127
        extra = 2 if form == 126 else 8 if form == 127 else 0
        start = 2 + extra + (4 if is_masked else 0)
        if len(self.input) < start:
            return False
        length = int.from_bytes(self.input[2:2 + extra], "big") if extra else form
        if len(self.input) < start + length:
            return False
        fin, rsv, opcode = self.input[0] > 127, self.input[0] >> 4 & 7, self.input[0] & 15
        payload = bytes(self.input[start:start + length])
        del self.input[:start + length]
        flaw = flaw_in(self, opcode, fin, rsv, is_masked, extra, length)
        if flaw:
            self.violate(flaw)
        else:
            self.take_frame(opcode, fin, rsv, payload)
        return True`,

  violate: String.raw`    def violate(self, flaw):
        """The server broke the protocol, whatever this case is about."""
        self.is_over = True
        self.events.append(("violation", final(f"The server sent {flaw}")))`,

  take_frame: String.raw`    def take_frame(self, opcode, fin, rsv, payload):
        if opcode == 9:
            if not self.sent_close:
                self.output += encode(0x8A, payload)
        elif opcode == 10:
            self.events.append(("pong", (opcode, payload)))
        elif opcode == 8:
            self.take_close(payload)
        else:
            self.message = self.message or (opcode, rsv, [])
            self.message[2].append(payload)
            if fin:
                self.take_message(*self.message)`,

  take_message: String.raw`    def take_message(self, opcode, rsv, parts):
        self.message = None
        payload = b"".join(parts)
        if rsv & 4: #~compression
            try: #~compression
                payload = self.incoming.inflate(payload) #~compression
            except zlib.error as error: #~compression
                return self.violate(f"a message that cannot be inflated: {error}") #~compression
        self.events.append(("message", (opcode, payload)))`,

  take_close: String.raw`    def take_close(self, payload):
        flaw = close_flaw_in(payload, self.sent_close)
        if flaw:
            return self.violate(flaw)
        self.has_closed, self.closed_first = True, not self.sent_close
        if self.closed_first:
            self.output += encode(0x88, payload[:2])
        self.sent_close = True
        self.events.append(("close", int.from_bytes(payload[:2], "big") if payload else 1005))`,

  until: String.raw`    def until(self, is_so, ms=None):
        """Waits until something is so, or nothing has moved for some milliseconds."""
        begun, seconds = time.monotonic(), TIMEOUT if ms is None else ms / 1000
        while not is_so():
            left = max(begun, self.moved) + seconds - time.monotonic()
            if left <= 0 or self.ended:
                return
            self.pump(left)`,

  arrival: String.raw`    def arrival(self, ms=None):
        """The next event."""
        self.until(lambda: self.at < len(self.events), ms)
        event = self.ended or ("silence", None)
        if self.at < len(self.events):
            event = self.events[self.at]
        if event[0] == "violation":
            raise event[1]
        if event[0] not in ("end", "silence"):
            self.at += 1
        return event`,

  next: String.raw`    def next(self, ms=None):
        """The next event, those first that came before others."""
        return self.aside.pop(0) if self.aside else self.arrival(ms)`,

  write: String.raw`    def write(self, octets):
        """Writes octets. A server has time to take them, unless we do not read either."""
        self.output += octets
        self.until(lambda: self.ended or not self.output, 200 if self.is_deaf else None)
        if self.output and not self.ended and not self.is_deaf:
            raise Fault("The server reads nothing")`,

  send: String.raw`    def send(self, items, closes=False): #~!parts
        """Sends octets in one write.""" #~!parts
    def send(self, items, times=1, apart=False, closes=False, chop=0, cuts=(), every=0): #~parts
        """Sends octets: in one write, frame by frame, in parts, or several times.""" #~parts
        frames = []
        for item in items:
            frames.extend(item if isinstance(item, list) else [item])
        self.sent_close = self.sent_close or closes
        whole = b"".join(frames)
        self.write(whole) #~!parts
        if not apart and not chop and not cuts and times == 1: #~parts
            return self.write(whole) #~parts
        if times > 1: #~parts
            batch = min(times, 65536 // len(whole) + 1) #~parts
            for _ in range(times // batch): #~parts
                self.write(whole * batch) #~parts
            return self.write(whole * (times % batch)) #~parts
        for part in frames if apart else cut(whole, chop, cuts): #~parts
            self.write(part) #~parts
            pause(every) #~parts
        return None #~parts`,

  request: String.raw`    def request(self, octets, **cutting):
        """Sends a request, and what comes in the same packet. Placeholders are filled in."""
        target = (ADDRESS.path or "/") + (f"?{ADDRESS.query}" if ADDRESS.query else "")
        head = octets[0].replace(b"{host}", ADDRESS.netloc.rpartition("@")[2].encode())
        self.send([b"".join([head.replace(b"{target}", target.encode()), *octets[1:]])], **cutting)`,

  head: String.raw`    def head(self):
        """The head of the answer; None if none comes."""
        if self.answer:
            return self.answer  # one way has read it
        self.until(lambda: b"\r\n\r\n" in self.input)
        if b"\r\n\r\n" not in self.input:
            return None
        text, _, self.input = self.input.partition(b"\r\n\r\n")
        line, *fields = text.decode("latin-1").split("\r\n")
        headers = {}
        for field in fields:
            name, _, value = field.partition(":")
            name, value = name.lower(), value.strip()
            headers[name] = f"{headers[name]}, {value}" if name in headers else value
        status = re.match(r"HTTP/1\.[01] (\d{3})(?: |$)", line)
        self.answer = shown(line.encode("latin-1")), int(status[1]) if status else None, headers
        return self.answer`,

  expect_upgrade: String.raw`    def expect_upgrade(self, protocol=None, offers=None):
        """Expects a right 101."""
        offers = OFFERS if offers is None else offers #~compression
        answer = self.head()
        if answer is None or answer[1] != 101:
            got = answer[0] if answer else "the end of TCP" if self.ended else "nothing in time"
            raise unexpected("101 Switching Protocols", got)
        headers = answer[2]

        def lists(name, token):
            return token in [one.strip().lower() for one in headers.get(name, "").split(",")]

        def check(is_right, what):
            if not is_right:
                raise final(f"The 101 has {what}")

        check(lists("upgrade", "websocket"), "no Upgrade: websocket")
        check(lists("connection", "upgrade"), "no Connection: Upgrade")
        check(headers.get("sec-websocket-accept") == ACCEPT, "a wrong Sec-WebSocket-Accept")
        chosen = headers.get("sec-websocket-protocol", "")
        check(chosen in ["", *PROTOCOLS], "a subprotocol that was not offered")
        if protocol is not None and protocol != chosen: #~protocol
            got = shown(chosen.encode("latin-1")) #~protocol
            raise unexpected(f"subprotocol {protocol or 'none'}", got) #~protocol
        extensions = headers.get("sec-websocket-extensions", "")
        check(extensions == "", "an extension that was not offered") #~!compression
        self.agree(extensions, offers, check) #~compression
        self.is_open = True
        while not self.is_over and self.read_frame():
            pass
        if self.ended:
            self.events.append(self.ended)
        if offers and not self.incoming: #~compression
            raise Skip("The server does not agree to compress") #~compression`,

  agree: String.raw`    def agree(self, answer, offers, check):
        """Takes the server's answer to the offers of compression."""
        if not answer:
            return
        name, *params = [one.strip() for one in answer.split(";")]
        check(offers and name == "permessage-deflate", "an extension that was not offered")
        agreed = dict((re.split(r"\s*=\s*", one) + [None])[:2] for one in params)
        for key, value in agreed.items():
            is_bits = key in ("server_max_window_bits", "client_max_window_bits")
            is_known = is_bits or key in ("server_no_context_takeover", "client_no_context_takeover")
            is_right = value is None
            if is_bits:
                is_right = re.fullmatch(r'"?(?:[89]|1[0-5])"?', value or "") is not None
            is_offered = key != "client_max_window_bits" or key in offers
            check(is_known and is_right and is_offered, "a parameter that is not allowed")

        def direction(side):
            bits = int((agreed.get(f"{side}_max_window_bits") or "15").strip('"'))
            return SlidingWindow(bits, f"{side}_no_context_takeover" not in agreed)

        self.outgoing, self.incoming = direction("client"), direction("server")`,

  compressed: String.raw`    def compressed(self, opcode, payload, size=None):
        """A message, compressed as agreed, in frames of so many bytes."""
        octets = self.outgoing.deflate(payload)
        if size is None or len(octets) <= size:
            return [encode(0xC0 | opcode, octets)]
        frames = []
        for at in range(0, len(octets) + 1, size):
            first = 0x80 if at + size > len(octets) else 0
            frames.append(encode(first | (0 if at else 0x40 | opcode), octets[at:at + size]))
        return frames`,
};
