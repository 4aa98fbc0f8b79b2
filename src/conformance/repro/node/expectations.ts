/**
 * The expectations of a program for `node:test`, as text.
 *
 * Each is written only if it is called. They follow the player (`player/`), with less detail: no wire log, no limits.
 *
 * @module
 */

/** Methods of the class `Peer`, by name: what is expected of the server. */
export const EXPECTATIONS: Readonly<Record<string, string>> = {
  expectRefusal: String.raw`  /** Expects the server to refuse the handshake. */
  async expectRefusal(statuses, fields) {
    const expected = "a refusal" + (statuses.length > 0 ? " with " + statuses.join(" or ") : "");
    const answer = await this.head();
    if (answer === undefined && this.ended) return this.warn(expected, "the end of TCP");
    if (answer === undefined) throw unexpected(expected, "nothing in time");
    const { status, line, headers } = answer;
    if (status === 101 || Number.isNaN(status)) throw unexpected(expected, line);
    if (statuses.length > 0 && !statuses.includes(status)) return this.warn(expected, line);
    for (const [name, token] of fields) {
      const values = headers[name]?.split(",").map((one) => one.trim().toLowerCase());
      if (values && (token === "" || values.includes(token))) continue;
      throw unexpected(expected + " and " + name + ": " + token, values ? "another" : "none");
    }
  }`,

  exchange: String.raw`  /** Sends messages and expects the echo of each, one after the other. */
  async exchange(opcode, payloads, { times = 1, deflate, fragment } = {}) {
    for (let round = 0; round < times; round++) {
      for (const payload of payloads) {
        let frames = [encode(0x80 | opcode, payload)]; //~compression
        const frames = [encode(0x80 | opcode, payload)]; //~!compression
        const isCompressed = deflate && this.deflate; //~compression
        if (isCompressed) frames = this.compressed(opcode, payload, fragment); //~compression
        await this.send(frames);
        await this.expect(opcode, payload);
      }
    }
  }`,

  expect: String
    .raw`  /** Expects a message or a pong. A pong may come behind a message that was due later. */
  async expect(opcode, payload, { pastPongs } = {}) {
    const expected = NAMES[opcode] + " " + shown(payload);
    const kind = opcode === 10 ? "pong" : "message";
    if (pastPongs) this.aside = this.aside.filter(({ what }) => what !== "pong");
    while (true) {
      const at = this.aside.findIndex(({ what }) => what === kind);
      const event = at < 0 ? await this.arrival() : this.aside.splice(at, 1)[0];
      if (event.payload && event.opcode === opcode && event.payload.equals(payload)) return;
      if (pastPongs && event.what === "pong") continue;
      const isEarly = event.payload && event.what !== kind && this.aside.length < 100;
      if (!isEarly) throw unexpected(expected, inWords(event));
      this.aside.push(event);
    }
  }`,

  expectNothing: String.raw`  /** Expects nothing but the answer to a ping. */
  async expectNothing() {
    await this.send([encode(0x89, PROBE)]);
    const event = await this.next();
    if (event.what === "pong" && event.payload.equals(PROBE)) return;
    throw unexpected("nothing but the answer to a ping", inWords(event));
  }`,

  expectClose: String.raw`  /** Expects a Close with one of these codes, and the end of TCP. */
  async expectClose(codes, { reason } = {}) {
    const event = await this.next();
    if (event.what !== "close") throw unexpected("Close " + codes.join(" or "), inWords(event));
    if (!codes.includes(event.code)) this.warn("Close " + codes.join(" or "), inWords(event));
    await this.end();
    if (!this.isClean) throw unexpected("the end of TCP after both Close frames", "none in time");
  }`,

  expectFailure: String
    .raw`  /** Expects the server to fail the connection with one of these codes. */
  async expectFailure(codes, { within } = {}) {
    const expected = "the connection to fail with Close " + codes.join(" or ");
    let event = await this.next(within ?? 400);
    if (event.what === "silence" && within === undefined) {
      await this.send([encode(0x89, PROBE)]); // a server that waits answers this
      event = await this.next();
    }
    if (event.what === "end") return this.warn(expected, "no Close frame");
    if (event.what !== "close") {
      const isAlive = event.what === "pong" && event.payload.equals(PROBE);
      const isSilent = event.what === "silence";
      const open = "an open connection" + (isAlive ? ", which still answers pings" : "");
      throw unexpected(expected, isAlive || isSilent ? open : inWords(event));
    }
    if (!codes.includes(event.code)) {
      const isRight = event.code === 1000 && this.sentClose && !this.closedFirst;
      if (isRight) throw unexpected(expected, "Close 1000, the answer to a right Close");
      this.warn(expected, inWords(event));
    }
    await this.end();
  }`,

  expectEnd: String.raw`  /** Expects the end of TCP. */
  async expectEnd({ pastPongs, pastMessages, close = true } = {}) {
    const isPassed = ({ what }) => what === "pong" && pastPongs || what === "message" && pastMessages;
    let event = await this.next();
    while (isPassed(event)) event = await this.next();
    if (event.what === "close" && close) {
      await this.end();
      event = this.ended ?? { what: "silence" };
    }
    if (event.what !== "end") throw unexpected("the end of TCP", inWords(event));
  }`,

  setReading: String.raw`  /** Stops or resumes reading. */
  setReading(isReading) {
    this.isDeaf = !isReading;
    if (isReading) this.socket.resume();
    else this.socket.pause();
  }`,

  hangUp: String.raw`  /** Ends our side of TCP. */
  hangUp(how) {
    if (how === "fin") return this.socket.end();
    this.socket.resetAndDestroy();
    this.stop("our own reset");
  }`,

  either: String.raw`  /** Tries ways to go on: the first that succeeds is taken. */
  async either(ways) {
    let first;
    for (const [act, note] of ways) {
      const [at, aside, count] = [this.at, [...this.aside], this.warnings.length];
      try {
        await act();
        if (note !== undefined) this.warn(note);
        return;
      } catch (error) {
        if (!(error instanceof Fault) || error.isFinal) throw error;
        first ??= error;
        [this.at, this.aside, this.warnings.length] = [at, aside, count];
      }
    }
    throw first;
  }`,

  warn: String.raw`  /** Notes what is legal, but looser than it should be. */
  warn(expected, got) {
    const note = got === undefined ? expected : unexpected(expected, got).message;
    if (STRICT) throw Object.assign(new Fault(note), { isFinal: true });
    this.warnings.push(note);
  }`,

  end: String.raw`  /** Waits for the end of TCP, which is the server's after both Close frames. */
  async end() {
    const { what } = await this.next(1000);
    this.isClean = what === "end" && this.hasClosed && this.sentClose;
  }`,

  finish: String.raw`  /** Ends the connection, if the steps have not. */
  async finish({ probe, ended } = {}) {
    if (!this.isOpen) return;
    if (this.aside.length > 0) throw unexpected("nothing more", inWords(this.aside[0]));
    if (this.ended) {
      if (ended === "anyhow") return;
      for (;;) {
        const event = await this.next();
        if (event.what === "end" && ended === "quiet") return;
        const expected = event.what === "end" ? "the server to stay" : "nothing more";
        if (event.what !== "close") throw unexpected(expected, inWords(event));
      }
    }
    if (!this.hasClosed && !this.sentClose) {
      if (probe === "ping") await this.expectNothing(); //~ping
      if (probe === "echo") await this.exchange(1, [PROBE]); //~echo
      await this.send([encode(0x88, Buffer.of(0x03, 0xe8))], { closes: true });
    }
    if (!this.hasClosed) {
      const event = await this.next();
      if (event.what === "end" || event.what === "silence") return;
      const isRight = event.what === "close" &&
        (!this.closedFirst || [1000, 1005].includes(event.code) || event.code >= 3000);
      if (!isRight) throw unexpected("nothing more", inWords(event));
    }
    await this.end();
  }`,
};
