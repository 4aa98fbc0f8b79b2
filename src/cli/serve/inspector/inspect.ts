/** Main program of the inspector page: one socket at a time. The page gets its source. @module */

import type { BufferView } from "./buffer_view.ts";
import type { hexDump, parseHex, size } from "../../shared/bytes.ts";
import type { PageDocument } from "./dom.ts";
import type { Elements } from "./elements.ts";
import type { HandshakeView } from "./handshake_view.ts";
import type { Log } from "./log.ts";
import type { Explanations } from "./explanations.ts";
import type { reconnect } from "../../../client/reconnect/reconnect.ts";
import type { ReconnectingSocket } from "../../../client/reconnect/reconnecting_socket.ts";

/** Parts of the page. */
export interface Parts {
  /** The page. */
  readonly document: PageDocument;
  /** Address of the page. */
  readonly location: { readonly href: string; readonly host: string };
  /** Its elements. */
  readonly elements: Elements;
  /** The list of events. */
  readonly log: Log;
  /** The panel of the handshake. */
  readonly handshake: HandshakeView;
  /** The panel of `bufferedAmount`. */
  readonly buffer: BufferView;
  /** Functions that parse and format bytes. */
  readonly bytes: {
    readonly hexDump: typeof hexDump;
    readonly parseHex: typeof parseHex;
    readonly size: typeof size;
  };
  /** Explanations that the page shows. */
  readonly explanations: Explanations;
  /** `reconnect()` of this package. */
  readonly reconnect: typeof reconnect;
}

/** Binds the program to the page. */
export function inspect(parts: Parts): void {
  const { document, location, log, handshake, buffer, bytes, explanations, reconnect } = parts;
  const { get, make, after } = parts.elements;
  const home = new URL("/", location.href.replace(/^http/, "ws")).href;
  const states = [...document.querySelectorAll("#states li")];
  const times = [...document.querySelectorAll("#states time")];
  let socket: WebSocket | undefined;
  let seen: number[] = [];
  let failed = false;
  /** Trace of the handshake that is shown; `undefined` if this server does not see it. */
  let trace: string | undefined;

  function showState(): void {
    const state: number = socket?.readyState ?? -1;
    if (state >= 0) seen[state] ??= log.now();
    states.forEach((item, i) => {
      const passed = i < state ? (seen[i] === undefined ? "skipped" : "passed") : "";
      item.className = i === state ? (failed ? "now failed" : "now") : passed;
      const time = seen[i];
      times[i]!.textContent = time === undefined ? "" : after(time);
    });
    const means = explanations.states[state];
    if (means !== undefined) explain(state, means);
  }

  function explain(state: number, means: string): void {
    get("state-means").replaceChildren(make("code", "", `readyState ${state}`), ` ${means}`);
  }

  function list(text: string): string[] {
    return text.split(",").map((name) => name.trim()).filter((name) => name !== "");
  }

  /** Whether a URL is of this server, which then knows the handshake. */
  function isHome(url: string): boolean {
    try {
      return new URL(url, home).host === location.host && !url.includes("#");
    } catch {
      return false;
    }
  }

  function traced(url: string): string {
    trace = isHome(url) ? Math.random().toString(36).slice(2, 8).padEnd(6, "0") : undefined;
    return trace === undefined ? url : `${url}${url.includes("?") ? "&" : "?"}trace=${trace}`;
  }

  function connect(): void {
    const address = get("url").value.trim();
    const offered = list(get("protocols").value);
    const reconnects = get("reconnect").checked;
    const last = socket;
    socket = undefined; // of its events, only the last is still shown
    if (last !== undefined && last.readyState < 2) last.close(1000, "another one is made");
    log.restart();
    seen = [];
    failed = false;
    get("closed").hidden = true;
    buffer.clear();
    try {
      socket = reconnects ? beginReconnecting(address, offered) : begin(address, offered);
    } catch (error) {
      log.threw(error);
      log.add("note", "", "No socket was made, and nothing was sent.");
    }
    for (const id of ["send-button", "close-button"]) get(id).disabled = socket === undefined;
    for (const chip of document.querySelectorAll("#try-close button")) {
      chip.disabled = socket === undefined;
    }
    showState();
    if (socket !== undefined) {
      handshake.wait(socket.url || address);
      follow(socket, offered);
    } else if (last !== undefined) get("state-means").textContent = "There is no socket.";
  }

  function begin(address: string, offered: readonly string[]): WebSocket {
    const url = traced(address);
    const quoted = offered.length === 0 ? "" : `, ${JSON.stringify(offered)}`;
    log.add("begin", `new WebSocket(${JSON.stringify(url)}${quoted})`);
    return new WebSocket(url, [...offered]);
  }

  /** Begins a reconnecting socket: each attempt has a trace of its own. */
  function beginReconnecting(address: string, offered: readonly string[]): WebSocket {
    const quoted = offered.length === 0 ? "" : `, { protocols: ${JSON.stringify(offered)} }`;
    log.add("begin", `reconnect(${JSON.stringify(address)}${quoted})`);
    const url = isHome(address) ? (): string => traced(address) : traced(address);
    const made: ReconnectingSocket = reconnect(url, { protocols: offered });
    made.onconnecting = ({ attempt }) => {
      if (made !== socket) return;
      log.add("connecting", "connecting", `attempt ${attempt}`);
      seen = [];
      failed = false;
      handshake.wait(address);
      showState();
    };
    made.onwaiting = ({ attempt, delay }) => {
      if (made !== socket) return;
      const wait = after(delay).slice(1);
      log.add("waiting", "waiting", `attempt ${attempt} in ${wait}`);
      explain(
        0,
        `There is no connection. Attempt ${attempt} begins in ${wait}; what you send waits.`,
      );
    };
    return made;
  }

  function follow(of: WebSocket, offered: readonly string[]): void {
    of.binaryType = "arraybuffer";
    let known: string | undefined = "none yet";
    const whenMine = (listener: (event: never) => void) => (event: Event): void => {
      if (of === socket) listener(event as never);
    };
    const showHandshakeOnce = (): void => {
      if (known === trace) return;
      known = trace;
      showHandshake(of, offered).catch(({ message }: Error) => log.add("error", "error", message));
    };
    of.onopen = whenMine(() => {
      const protocol = of.protocol === "" ? "no subprotocol" : `protocol "${of.protocol}"`;
      log.add("open", "open", protocol);
      showState();
      showHandshakeOnce();
    });
    of.onmessage = whenMine(({ data }: MessageEvent) => {
      if (typeof data === "string") addMessage("message", "message", data);
      else addMessage("message", "message", new Uint8Array(data));
    });
    of.onerror = whenMine(({ error }: { readonly error?: Error }) => {
      failed = true;
      log.add(
        "error",
        "error",
        error?.message ?? "It says no more: a page is not to learn what is in your network.",
      );
      showState();
    });
    of.onclose = (event: CloseEvent) => {
      const { code, reason, wasClean } = event;
      const whose = of === socket ? "" : ", of the socket before this one";
      log.add(
        "close",
        "close",
        `code ${code}, reason ${JSON.stringify(reason)}, wasClean ${wasClean}${whose}`,
      );
      if (of !== socket) return;
      if (of.readyState === 0) seen = []; // it goes on
      showState();
      showClose(event);
      showHandshakeOnce();
    };
  }

  async function showHandshake(
    of: WebSocket,
    offered: readonly string[],
  ): Promise<void> {
    const own = trace;
    let why =
      "The API gives a page the protocol and the extensions, and hides all other headers: " +
      "the tools of your browser (Network) show them.";
    if (own !== undefined) {
      const answer = await fetch(`/handshake?trace=${own}`).catch(() => undefined);
      if (of !== socket || own !== trace) return;
      if (answer?.ok) return handshake.show(await answer.json(), of.extensions);
      why = "The server has not reported what it received.";
    }
    handshake.showForeign(of, offered, why);
  }

  function showClose({ code, reason, wasClean }: CloseEvent): void {
    get("closed").hidden = false;
    get("closed-code").textContent = String(code);
    get("closed-means").textContent = explanations.codes[String(code)] ??
      (code >= 4000
        ? "for applications: it means what both sides say"
        : "for libraries, registered");
    get("closed-reason").textContent = JSON.stringify(reason);
    get("closed-clean").textContent = String(wasClean);
    get("clean-means").textContent = wasClean
      ? "Close frames went both ways"
      : "something is missing: messages may be lost";
  }

  function addMessage(
    kind: "sent" | "message",
    label: string,
    data: string | Uint8Array<ArrayBuffer>,
  ): void {
    const text = typeof data === "string";
    const raw = text ? new TextEncoder().encode(data) : data;
    const most = text ? 60 : 6;
    const start = text
      ? JSON.stringify(data.slice(0, most))
      : Array.from(data.subarray(0, most), (byte) => byte.toString(16).padStart(2, "0")).join(" ");
    const more = data.length > most ? " …" : "";
    const what = text ? "text" : "binary";
    const hex = raw.length === 0 ? undefined : bytes.hexDump(raw, log.bytesPerLine());
    log.add(kind, label, `${what}, ${bytes.size(raw.length)}: ${start}${more}`, hex);
  }

  /** Returns the messages to send, by the chosen mode. */
  async function outgoing(mode: string): Promise<(string | Uint8Array<ArrayBuffer>)[]> {
    if (mode === "text") return [get("text").value];
    if (mode === "hex") return [bytes.parseHex(get("hex").value)];
    if (mode === "file") {
      const file = get("file").files?.[0];
      if (file === undefined) throw new TypeError("Cannot send a file: none is picked");
      return [new Uint8Array(await file.arrayBuffer())];
    }
    const whole = Number(get("size").value);
    const one = new Uint8Array(Math.min(whole, 16 * 1024 * 1024)).map((_, i) => i);
    return Array(whole / one.length).fill(one);
  }

  async function send(): Promise<void> {
    const mode = [...document.querySelectorAll("input[name=mode]")].find((radio) => radio.checked)!;
    try {
      const messages = await outgoing(mode.value);
      for (const data of messages) {
        socket!.send(data);
        addMessage("sent", "send()", data);
      }
      if (socket!.readyState >= 2) {
        log.add(
          "note",
          "",
          "Too late: nothing is sent and nothing thrown, but bufferedAmount grows.",
        );
      }
      buffer.watch(socket!);
    } catch (error) {
      log.threw(error);
    }
  }

  function close(): void {
    const [code, reason] = [get("code").value.trim(), get("reason").value];
    const before = socket!.readyState;
    const long = reason.length > 40 ? `"${reason.slice(0, 12)}…"` : JSON.stringify(reason);
    const written = reason === "" ? code : `${code || "undefined"}, ${long}`;
    log.add("call", `close(${written})`);
    try {
      if (reason !== "") socket!.close(code === "" ? undefined : Number(code), reason);
      else if (code !== "") socket!.close(Number(code));
      else socket!.close();
      if (before >= 2) log.add("note", "", "It is closing or closed already: nothing happens.");
    } catch (error) {
      log.threw(error);
      log.add("note", "", "Nothing was sent, and readyState is what it was.");
    }
    showState();
  }

  function showReason(): void {
    const { length } = new TextEncoder().encode(get("reason").value);
    get("reason-bytes").textContent = `${length} of 123 bytes`;
  }

  function onSubmit(id: string, act: () => unknown): void {
    get(id).addEventListener("submit", (event) => {
      event.preventDefault();
      act();
    });
  }

  onSubmit("connect", connect);
  onSubmit("send", send);
  onSubmit("close", close);
  get("reason").addEventListener("input", showReason);
  for (const radio of document.querySelectorAll("input[name=mode]")) {
    radio.addEventListener("change", () => {
      for (const field of document.querySelectorAll("[data-mode]")) {
        field.hidden = field.dataset.mode !== radio.value;
      }
    });
  }
  for (const chip of document.querySelectorAll("#try-url button")) {
    chip.addEventListener("click", () => {
      get("url").value = home + chip.dataset.query;
      connect();
    });
  }
  for (const chip of document.querySelectorAll("#try-close button")) {
    chip.addEventListener("click", () => {
      const { code = "", reason = "", long } = chip.dataset;
      get("code").value = code;
      get("reason").value = long === undefined ? reason : "x".repeat(Number(long));
      showReason();
      close();
    });
  }
  get("url").value = home;
  get("url").focus();
}
