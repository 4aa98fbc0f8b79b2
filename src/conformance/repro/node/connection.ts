/**
 * The connection of a program for `node:test`, as text.
 *
 * Each is written only if it is called. They follow the player (`player/`), with less detail: no wire log, no limits.
 *
 * @module
 */

/** Methods of the class `Peer`, by name: a connection, up to the events that happen on it. */
export const CONNECTION: Readonly<Record<string, string>> = {
  connect: String.raw`  /** Opens a connection. */
  static async connect() {
    const { hostname, port, protocol } = ADDRESS;
    const isSecure = protocol === "wss:" || protocol === "https:";
    const host = hostname.replace(/^\[|\]$/g, "");
    const where = { host, port: Number(port) || (isSecure ? 443 : 80) };
    const { connect } = isSecure ? await import("node:tls") : net;
    const name = net.isIP(host) === 0 ? { servername: host } : {};
    const socket = connect({ ...where, ...name, ALPNProtocols: ["http/1.1"] });
    await once(socket, isSecure ? "secureConnect" : "connect");
    return new Peer(socket);
  }`,

  constructor: String.raw`  constructor(socket) {
    this.socket = socket.setNoDelay(true);
    this.moved = performance.now();
    socket.on("data", (octets) => this.receive(octets));
    socket.on("end", () => this.stop("the end of TCP without a Close frame"));
    socket.on("error", () => this.stop("a TCP reset"));
    socket.on("close", () => this.stop("a TCP reset"));
  }`,

  stop: String.raw`  /** The connection has ended. */
  stop(note) {
    if (this.ended) return;
    this.ended = { what: "end", note };
    if (this.isOpen) this.tell(this.ended);
    else this.wake();
  }`,

  tell: String.raw`  /** Adds an event. */
  tell(event) {
    this.events.push(event);
    this.wake();
  }`,

  receive: String.raw`  receive(octets) {
    this.moved = performance.now();
    this.chunks.push(octets);
    this.size += octets.length;
    while (this.isOpen && !this.isOver && this.size >= this.needed && this.readFrame());
    this.wake();
  }`,

  readFrame: String.raw`  /** Reads a frame, if it has come as a whole. */
  readFrame() {
    const input = this.chunks.length === 1 ? this.chunks[0] : Buffer.concat(this.chunks);
    this.chunks = [input];
    const form = input[1] & 127;
    const extra = form === 126 ? 2 : form === 127 ? 8 : 0;
    const isMasked = input[1] > 127;
    const start = 2 + extra + (isMasked ? 4 : 0);
    if (input.length < (this.needed = start)) return false;
    const length = extra === 0
      ? form
      : extra === 2 ? input.readUInt16BE(2) : Number(input.readBigUInt64BE(2));
    if (input.length < (this.needed = start + length)) return false;
    const [fin, rsv, opcode] = [input[0] > 127, input[0] >> 4 & 7, input[0] & 15];
    const flaw = flawIn({ opcode, fin, rsv, isMasked, extra, length }, this);
    if (flaw) this.violate(flaw);
    else this.takeFrame(opcode, fin, rsv, input.subarray(start, start + length));
    this.chunks = [input.subarray(start + length)];
    this.size = this.chunks[0].length;
    this.needed = 2;
    return true;
  }`,

  violate: String.raw`  /** The server broke the protocol, whatever this case is about. */
  violate(flaw) {
    this.isOver = true;
    const fault = Object.assign(new Fault("The server sent " + flaw), { isFinal: true });
    this.tell({ what: "violation", fault });
  }`,

  takeFrame: String.raw`  takeFrame(opcode, fin, rsv, payload) {
    if (opcode === 9) {
      if (!this.sentClose) this.write(encode(0x8a, payload));
    } else if (opcode === 10) this.tell({ what: "pong", opcode, payload });
    else if (opcode === 8) this.takeClose(payload);
    else {
      this.message ??= { opcode, rsv, parts: [] };
      this.message.parts.push(payload);
      if (fin) this.takeMessage(this.message);
    }
  }`,

  takeMessage: String.raw`  takeMessage({ opcode, rsv, parts }) {
    this.message = undefined;
    let payload = Buffer.concat(parts); //~compression
    const payload = Buffer.concat(parts); //~!compression
    try { //~compression
      if (rsv & 4) payload = this.deflate.incoming.inflate(payload); //~compression
    } catch (error) { //~compression
      return this.violate("a message that cannot be inflated: " + error.message); //~compression
    } //~compression
    this.tell({ what: "message", opcode, payload });
  }`,

  takeClose: String.raw`  takeClose(payload) {
    const flaw = closeFlawIn(payload, this.sentClose);
    if (flaw) return this.violate(flaw);
    this.hasClosed = true;
    this.closedFirst = !this.sentClose;
    if (this.closedFirst) this.write(encode(0x88, payload.subarray(0, 2)));
    this.sentClose = true;
    this.tell({ what: "close", code: payload.length === 0 ? 1005 : payload.readUInt16BE(0) });
  }`,

  until: String
    .raw`  /** Waits until something is so, or nothing has moved for some milliseconds. */
  async until(isSo, ms = TIMEOUT) {
    const begun = performance.now();
    while (!isSo()) {
      const left = Math.max(begun, this.moved) + ms - performance.now();
      if (left <= 0) return;
      await new Promise((resolve) => {
        const timer = setTimeout(resolve, left);
        this.wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  }`,

  arrival: String.raw`  /** The next event. */
  async arrival(ms) {
    await this.until(() => this.at < this.events.length || this.ended, ms);
    const event = this.events[this.at] ?? this.ended ?? { what: "silence" };
    if (event.what === "violation") throw event.fault;
    if (event.what !== "end" && event.what !== "silence") this.at++;
    return event;
  }`,

  next: String.raw`  /** The next event, those first that came before others. */
  async next(ms) {
    return this.aside.length > 0 ? this.aside.shift() : await this.arrival(ms);
  }`,

  write: String
    .raw`  /** Writes octets. A server has time to take them, unless we do not read either. */
  async write(octets) {
    for (let at = 0; at < octets.length && !this.ended; at += 262144) {
      let isWritten = false;
      this.socket.write(octets.subarray(at, at + 262144), () => {
        isWritten = true;
        this.moved = performance.now();
        this.wake();
      });
      await this.until(() => isWritten || this.ended, this.isDeaf ? 200 : TIMEOUT);
      if (!isWritten && !this.ended && !this.isDeaf) throw new Fault("The server reads nothing");
    }
  }`,

  send: String.raw`  /** Sends octets in one write. */ //~!parts
  async send(items, { closes } = {}) { //~!parts
  /** Sends octets: in one write, frame by frame, in parts, or several times. */ //~parts
  async send(items, { times = 1, apart, closes, chop, cuts, every } = {}) { //~parts
    const frames = items.flat();
    if (closes) this.sentClose = true;
    const whole = frames.length === 1 ? frames[0] : Buffer.concat(frames);
    if (!apart && !chop && !cuts && times === 1) return await this.write(whole); //~parts
    await this.write(whole); //~!parts
    const batch = Math.min(times, Math.ceil(65536 / whole.length)); //~parts
    const many = batch > 1 ? Buffer.concat(Array(batch).fill(whole)) : whole; //~parts
    for (let left = times; times > 1 && left > 0; left -= batch) { //~parts
      await this.write(many.subarray(0, Math.min(batch, left) * whole.length)); //~parts
    } //~parts
    for (const part of times > 1 ? [] : apart ? frames : cut(whole, { chop, cuts })) { //~parts
      await this.write(part); //~parts
      await pause(every ?? 0); //~parts
    } //~parts
  }`,

  request: String
    .raw`  /** Sends a request, and what comes in the same packet. Placeholders are filled in. */
  async request([head, ...early], cutting = {}) {
    const { host, pathname, search } = ADDRESS;
    const filled = Buffer.isBuffer(head) ? head : Buffer.from(
      head.replaceAll("{host}", () => host).replaceAll("{target}", () => pathname + search),
      "latin1",
    );
    await this.send([Buffer.concat([filled, ...early.flat()])], cutting);
  }`,

  head: String.raw`  /** The head of the answer; undefined if none comes. */
  async head() {
    if (this.answer) return this.answer; // one way has read it
    const input = () => Buffer.concat(this.chunks).toString("latin1");
    await this.until(() => this.ended || input().includes("\r\n\r\n"));
    const text = input();
    const end = text.indexOf("\r\n\r\n");
    if (end < 0) return undefined;
    const [line, ...fields] = text.slice(0, end).split("\r\n");
    const headers = {};
    for (const field of fields) {
      const name = field.slice(0, Math.max(field.indexOf(":"), 0)).toLowerCase();
      const value = field.slice(field.indexOf(":") + 1).trim();
      headers[name] = Object.hasOwn(headers, name) ? headers[name] + ", " + value : value;
    }
    this.chunks = [Buffer.concat(this.chunks).subarray(end + 4)];
    this.size = this.chunks[0].length;
    const status = Number(/^HTTP\/1\.[01] (\d{3})(?: |$)/.exec(line)?.[1]);
    this.answer = { line: shown(Buffer.from(line, "latin1")), status, headers };
    return this.answer;
  }`,

  expectUpgrade: String.raw`  /** Expects a right 101. */
  async expectUpgrade({ protocol, offers = OFFERS } = {}) {
    const answer = await this.head();
    const got = answer?.line ?? (this.ended ? "the end of TCP" : "nothing in time");
    if (answer?.status !== 101) throw unexpected("101 Switching Protocols", got);
    const value = (name) => answer.headers[name] ?? "";
    const lists = (name, token) =>
      value(name).split(",").some((one) => one.trim().toLowerCase() === token);
    const check = (isRight, what) => {
      if (!isRight) throw Object.assign(new Fault("The 101 has " + what), { isFinal: true });
    };
    check(lists("upgrade", "websocket"), "no Upgrade: websocket");
    check(lists("connection", "upgrade"), "no Connection: Upgrade");
    check(value("sec-websocket-accept") === ACCEPT, "a wrong Sec-WebSocket-Accept");
    const chosen = value("sec-websocket-protocol");
    check(chosen === "" || PROTOCOLS.includes(chosen), "a subprotocol that was not offered");
    if (protocol !== undefined && protocol !== chosen) { //~protocol
      throw unexpected("subprotocol " + (protocol || "none"), shown(Buffer.from(chosen))); //~protocol
    } //~protocol
    const extensions = value("sec-websocket-extensions");
    check(extensions === "", "an extension that was not offered"); //~!compression
    this.agree(extensions, offers, check); //~compression
    this.isOpen = true;
    this.receive(Buffer.alloc(0));
    if (this.ended) this.tell(this.ended);
    const isPlain = offers !== "" && !this.deflate; //~compression
    if (isPlain) throw new Skip("The server does not agree to compress"); //~compression
  }`,

  agree: String.raw`  /** Takes the server's answer to the offers of compression. */
  agree(answer, offers, check) {
    if (answer === "") return;
    const [name, ...params] = answer.split(";").map((one) => one.trim());
    check(offers !== "" && name === "permessage-deflate", "an extension that was not offered");
    const agreed = Object.fromEntries(params.map((one) => one.split(/\s*=\s*/)));
    for (const [key, value] of Object.entries(agreed)) {
      const isBits = /^(?:server|client)_max_window_bits$/.test(key);
      const isKnown = isBits || /^(?:server|client)_no_context_takeover$/.test(key);
      const isRight = isBits ? /^"?(?:[89]|1[0-5])"?$/.test(value) : value === undefined;
      const isOffered = key !== "client_max_window_bits" || offers.includes(key);
      check(isKnown && isRight && isOffered, "a parameter of compression that is not allowed");
    }
    const bits = (side) => Number((agreed[side + "_max_window_bits"] ?? "15").replaceAll('"', ""));
    const keeps = (side) => !(side + "_no_context_takeover" in agreed);
    this.deflate = {
      outgoing: slidingWindow(bits("client"), keeps("client")),
      incoming: slidingWindow(bits("server"), keeps("server")),
    };
  }`,

  compressed: String.raw`  /** A message, compressed as agreed, in frames of so many bytes. */
  compressed(opcode, payload, size = Infinity) {
    const octets = this.deflate.outgoing.deflate(payload);
    if (octets.length <= size) return [encode(0xc0 | opcode, octets)];
    const frames = [];
    for (let at = 0; at <= octets.length; at += size) {
      const fin = at + size > octets.length ? 0x80 : 0;
      frames.push(encode(fin | (at === 0 ? 0x40 | opcode : 0), octets.subarray(at, at + size)));
    }
    return frames;
  }`,
};
