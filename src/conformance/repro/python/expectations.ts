/**
 * The expectations of a program in Python, as text.
 *
 * Each is written only if it is called. They are those of `node/`, over a socket that does not block.
 *
 * @module
 */

/** Methods of the class `Peer`, by name: what is expected of the server. */
export const EXPECTATIONS: Readonly<Record<string, string>> = {
  expect_refusal: String.raw`    def expect_refusal(self, statuses, fields):
        """Expects the server to refuse the handshake."""
        expected = "a refusal" + (f" with {' or '.join(map(str, statuses))}" if statuses else "")
        answer = self.head()
        if answer is None and self.ended:
            return self.warn(expected, "the end of TCP")
        if answer is None:
            raise unexpected(expected, "nothing in time")
        line, status, headers = answer
        if status in (101, None):
            raise unexpected(expected, line)
        if statuses and status not in statuses:
            return self.warn(expected, line)
        for name, token in fields:
            values = [one.strip().lower() for one in headers.get(name, "").split(",")]
            if name not in headers or token and token not in values:
                got = "another" if name in headers else "none"
                raise unexpected(f"{expected} and {name}: {token}", got)`,

  exchange: String
    .raw`    def exchange(self, opcode, payloads, times=1, deflate=False, fragment=None):
        """Sends messages and expects the echo of each, one after the other."""
        for payload in payloads * times:
            frames = [encode(0x80 | opcode, payload)]
            if deflate and self.outgoing: #~compression
                frames = self.compressed(opcode, payload, fragment) #~compression
            self.send(frames)
            self.expect(opcode, payload)`,

  expect: String.raw`    def expect(self, opcode, payload, past_pongs=False):
        """Expects a message or a pong. A pong may come behind a message that was due later."""
        kind = "pong" if opcode == 10 else "message"
        if past_pongs:
            self.aside = [one for one in self.aside if one[0] != "pong"]
        while True:
            event = next((one for one in self.aside if one[0] == kind), None)
            if event:
                self.aside.remove(event)
            else:
                event = self.arrival()
            if event[1] == (opcode, payload):
                return
            if past_pongs and event[0] == "pong":
                continue
            if event[0] not in ("message", "pong") or event[0] == kind or len(self.aside) > 99:
                raise unexpected(f"{NAMES[opcode]} {shown(payload)}", in_words(event))
            self.aside.append(event)`,

  expect_nothing: String.raw`    def expect_nothing(self):
        """Expects nothing but the answer to a ping."""
        self.send([encode(0x89, PROBE)])
        event = self.next()
        if event != ("pong", (10, PROBE)):
            raise unexpected("nothing but the answer to a ping", in_words(event))`,

  expect_close: String.raw`    def expect_close(self, codes, reason=None):
        """Expects a Close with one of these codes, and the end of TCP."""
        expected = f"Close {' or '.join(map(str, codes))}"
        event = self.next()
        if event[0] != "close":
            raise unexpected(expected, in_words(event))
        if event[1] not in codes:
            self.warn(expected, in_words(event))
        self.end()
        if not self.is_clean:
            raise unexpected("the end of TCP after both Close frames", "none in time")`,

  expect_failure: String.raw`    def expect_failure(self, codes, within=None):
        """Expects the server to fail the connection with one of these codes."""
        expected = f"the connection to fail with Close {' or '.join(map(str, codes))}"
        event = self.next(within or 400)
        if event[0] == "silence" and within is None:
            self.send([encode(0x89, PROBE)])  # a server that waits answers this
            event = self.next()
        if event[0] == "end":
            return self.warn(expected, "no Close frame")
        if event[0] != "close":
            if event == ("pong", (10, PROBE)):
                got = "an open connection, which still answers pings"
            else:
                got = "an open connection" if event[0] == "silence" else in_words(event)
            raise unexpected(expected, got)
        if event[1] not in codes:
            if event[1] == 1000 and self.sent_close and not self.closed_first:
                raise unexpected(expected, "Close 1000, the answer to a right Close")
            self.warn(expected, in_words(event))
        self.end()`,

  expect_end: String
    .raw`    def expect_end(self, past_pongs=False, past_messages=False, close=True):
        """Expects the end of TCP."""
        event = self.next()
        while event[0] == "pong" and past_pongs or event[0] == "message" and past_messages:
            event = self.next()
        if event[0] == "close" and close:
            self.end()
            event = self.ended or ("silence", None)
        if event[0] != "end":
            raise unexpected("the end of TCP", in_words(event))`,

  set_reading: String.raw`    def set_reading(self, is_reading):
        """Stops or resumes reading."""
        self.is_deaf = not is_reading`,

  hang_up: String.raw`    def hang_up(self, how):
        """Ends our side of TCP."""
        try:
            if how == "fin":
                return self.socket.shutdown(socket.SHUT_WR)
        except OSError:
            return None
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.socket.close()
        return self.stop("our own reset")`,

  either: String.raw`    def either(self, ways):
        """Tries ways to go on: the first that succeeds is taken."""
        first = None
        for act, note in ways:
            before = self.at, list(self.aside), list(self.warnings)
            try:
                act()
                if note:
                    self.warn(note)
                return
            except Fault as fault:
                if fault.is_final:
                    raise
                first = first or fault
                self.at, self.aside, self.warnings = before
        raise first`,

  warn: String.raw`    def warn(self, expected, got=None):
        """Notes what is legal, but looser than it should be."""
        note = expected if got is None else str(unexpected(expected, got))
        if STRICT:
            raise final(note)
        self.warnings.append(note)`,

  end: String.raw`    def end(self):
        """Waits for the end of TCP, which is the server's after both Close frames."""
        event = self.next(1000)
        self.is_clean = event[0] == "end" and self.has_closed and self.sent_close`,

  finish: String.raw`    def finish(self, probe=None, ended=None):
        """Ends the connection, if the steps have not."""
        if not self.is_open:
            return
        if self.aside:
            raise unexpected("nothing more", in_words(self.aside[0]))
        self.pump(0)
        if self.ended:
            while ended != "anyhow":
                event = self.next()
                if event[0] == "end" and ended == "quiet":
                    return
                if event[0] != "close":
                    stays = "the server to stay" if event[0] == "end" else "nothing more"
                    raise unexpected(stays, in_words(event))
            return
        if not self.has_closed and not self.sent_close:
            if probe == "ping": #~ping
                self.expect_nothing() #~ping
            if probe == "echo": #~echo
                self.exchange(1, [PROBE]) #~echo
            self.send([encode(0x88, b"\x03\xe8")], closes=True)
        if not self.has_closed:
            event = self.next()
            if event[0] in ("end", "silence"):
                return
            code = event[1]
            is_right = event[0] == "close" and (
                not self.closed_first or code in (1000, 1005) or code >= 3000)
            if not is_right:
                raise unexpected("nothing more", in_words(event))
        self.end()`,
};
