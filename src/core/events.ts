/**
 * The events of a socket.
 *
 * They are plain objects behind the platform's interfaces: `event instanceof MessageEvent` holds,
 * and making one costs nanoseconds where the platform's own constructors take up to 600 (Node 24),
 * as much as a whole message takes on Bun. They cannot be given to another target's
 * `dispatchEvent()`; `new MessageEvent(event.type, event)` makes one that can.
 *
 * @module
 */

import { ABNORMAL } from "./close_code.ts";

const AT_TARGET = 2;
const SHOW = Symbol.for("nodejs.util.inspect.custom");

/** The socket that an event happens to, as far as the event needs it. */
export interface SocketTarget extends EventTarget {
  /** Address of the connection. */
  readonly url: string;
}

/** Event of a socket: `open` or `drain`, and the base class of the others. */
export class SocketEvent implements Event {
  static {
    Object.setPrototypeOf(this.prototype, Event.prototype);
  }

  /** Returns whether an event was made by a socket, and not by a program. */
  static isOwn(event: Event): event is SocketEvent {
    return #type in event;
  }

  readonly #type: string;
  readonly #target: SocketTarget;
  #dispatched = false;
  #stopped = false;
  #time: number | undefined;

  /** Makes the event of one dispatch. */
  constructor(type: string, target: SocketTarget) {
    if (!areStanding) standForAll();
    this.#type = type;
    this.#target = target;
  }

  /** Marks the time in which listeners run. Only the dispatch of listeners calls it. */
  static dispatch(event: SocketEvent, on: boolean): void {
    event.#dispatched = on;
  }

  /** Returns whether a listener has stopped the ones that follow. */
  static stopped(event: SocketEvent): boolean {
    return event.#stopped;
  }

  /** `"open"`, `"message"`, `"drain"`, `"error"` or `"close"`. */
  get type(): string {
    return this.#type;
  }
  /** The socket. */
  get target(): EventTarget {
    return this.#target;
  }
  /** The socket, by an older name. */
  get srcElement(): EventTarget {
    return this.#target;
  }
  /** The socket while listeners run, then `null`. */
  get currentTarget(): EventTarget | null {
    return this.#dispatched ? this.#target : null;
  }
  /** 2 (at the target) while listeners run, then 0. */
  get eventPhase(): number {
    return this.#dispatched ? AT_TARGET : 0;
  }
  /** Time when this was first read, in milliseconds since the time origin. */
  get timeStamp(): number {
    return this.#time ??= performance.now();
  }
  /** `false`: a socket has no parent. */
  get bubbles(): boolean {
    return false;
  }
  /** `false`: nothing follows that could be prevented. */
  get cancelable(): boolean {
    return false;
  }
  /** `false`: see {@linkcode SocketEvent.cancelable}. */
  get defaultPrevented(): boolean {
    return false;
  }
  /** `false`: a socket has no shadow tree. */
  get composed(): boolean {
    return false;
  }
  /** `true`: sockets make these events, programs do not. */
  get isTrusted(): boolean {
    return true;
  }
  /** `true`, by an older name: see {@linkcode SocketEvent.cancelable}. */
  get returnValue(): boolean {
    return true;
  }
  set returnValue(_value: boolean) {}
  /** `false`: there is nowhere to propagate to. */
  get cancelBubble(): boolean {
    return false;
  }
  set cancelBubble(_value: boolean) {}
  /** 0. */
  get NONE(): 0 {
    return 0;
  }
  /** 1. */
  get CAPTURING_PHASE(): 1 {
    return 1;
  }
  /** 2. */
  get AT_TARGET(): 2 {
    return AT_TARGET;
  }
  /** 3. */
  get BUBBLING_PHASE(): 3 {
    return 3;
  }
  /** The socket while listeners run, then nothing. */
  composedPath(): EventTarget[] {
    return this.#dispatched ? [this.#target] : [];
  }
  /** Does nothing: events of sockets cannot be made anew. */
  initEvent(): void {}
  /** Does nothing: see {@linkcode SocketEvent.cancelable}. */
  preventDefault(): void {}
  /** Does nothing: there is nowhere to propagate to. */
  stopPropagation(): void {}
  /** Keeps the listeners that follow from running. */
  stopImmediatePropagation(): void {
    this.#stopped = true;
  }

  /** Returns what consoles print: the type, and the members of the kind of event. */
  [SHOW](): Record<string, unknown> {
    const shown: Record<string, unknown> = { type: this.#type };
    const own = this as unknown as Record<string, unknown>;
    for (const name of ["data", "code", "reason", "wasClean", "message", "error"]) {
      if (Object.hasOwn(Object.getPrototypeOf(this), name)) shown[name] = own[name];
    }
    return shown;
  }
  /** The same for Deno's console. */
  [Symbol.for("Deno.privateCustomInspect")](
    inspect: (value: unknown, options: unknown) => string,
    options: unknown,
  ): string {
    return inspect(SocketEvent.prototype[SHOW].call(this), options);
  }
}

/**
 * Puts a kind of event behind the platform's own interface. The members of `SocketEvent` have to be
 * found before the platform's, which would refuse an object that is not its own.
 */
function standFor(
  kind: { prototype: SocketEvent },
  platform: { prototype: Event } | undefined,
): void {
  Object.defineProperties(kind.prototype, {
    ...Object.getOwnPropertyDescriptors(SocketEvent.prototype),
    ...Object.getOwnPropertyDescriptors(kind.prototype),
  });
  Object.setPrototypeOf(kind.prototype, (platform ?? Event).prototype);
}

/** Event of a message. `data` is a string, or of the type that `binaryType` names. */
export class SocketMessageEvent extends SocketEvent {
  readonly #data: unknown;

  /** Makes the event of one message. */
  constructor(target: SocketTarget, data: unknown) {
    super("message", target);
    this.#data = data;
  }

  /** The message. */
  // deno-lint-ignore no-explicit-any -- the type that lib.dom gives it
  get data(): any {
    return this.#data;
  }
  /** The origin of the socket's URL, for instance `"wss://example.org"`. */
  get origin(): string {
    return new URL((this.target as SocketTarget).url).origin;
  }
  /** `""`: only server-sent events have one. */
  get lastEventId(): string {
    return "";
  }
  /** `null`: only messages between windows have one. */
  get source(): null {
    return null;
  }
  /** Empty: only messages between windows have some. */
  get ports(): MessagePort[] {
    return [];
  }
  /** Does nothing: events of sockets cannot be made anew. */
  initMessageEvent(): void {}
}

/** Event of the end of a connection. */
export class SocketCloseEvent extends SocketEvent {
  readonly #code: number;
  readonly #reason: string;

  /** Makes the event of one end. */
  constructor(target: SocketTarget, code: number, reason: string) {
    super("close", target);
    this.#code = code;
    this.#reason = reason;
  }

  /** The peer's close code; 1005 if its Close frame had none, 1006 if no Close frame came. */
  get code(): number {
    return this.#code;
  }
  /** The peer's reason, or `""`. */
  get reason(): string {
    return this.#reason;
  }
  /** Whether a Close frame came: `false` with code 1006, else `true`. */
  get wasClean(): boolean {
    return this.#code !== ABNORMAL;
  }
}

/** Event of a failure. A `close` event follows. */
export class SocketErrorEvent extends SocketEvent {
  readonly #error: unknown;

  /** Makes the event of one failure. */
  constructor(target: SocketTarget, error: unknown) {
    super("error", target);
    this.#error = error;
  }

  /** Error, as far as the runtime reports it, or the value that a listener threw. */
  get error(): unknown {
    return this.#error;
  }
  /** Message of that error. */
  get message(): string {
    return this.#error instanceof Error ? this.#error.message : String(this.#error);
  }
}

let areStanding = false;

/**
 * Puts all kinds behind the platform's interfaces, when the first event is made: to read these globals
 * loads undici on Node, 27 to 50 ms, which the import of a server must not take.
 */
function standForAll(): void {
  areStanding = true;
  standFor(SocketMessageEvent, MessageEvent);
  standFor(SocketCloseEvent, (globalThis as { CloseEvent?: typeof CloseEvent }).CloseEvent); // none on Node 22
  standFor(SocketErrorEvent, undefined);
}
