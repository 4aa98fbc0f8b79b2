/**
 * The events of a socket.
 *
 * They are plain objects behind the platform's interfaces: `event instanceof MessageEvent` holds,
 * and making one costs nanoseconds where the platform's own constructors take up to 600 (Node 24),
 * as much as a whole message takes on Bun. They cannot be given to the `dispatchEvent()` of a target
 * of the platform's: `new event.constructor(event.type, event)` makes one that can.
 *
 * @module
 */

import { closeEvent } from "./close_event.ts";
import { ABNORMAL } from "./close_code.ts";

const AT_TARGET = 2;
const SHOW = Symbol.for("nodejs.util.inspect.custom");
const NO_PORTS: readonly MessagePort[] = Object.freeze([]);

// Flags of an event (DOM, 2.2), in one field: an object of its own for each would cost more than the event.
const DISPATCHED = 1;
const STOPPED = 2;
const STOPPED_AT_ONCE = 4;
const BY_PROGRAM = 8;

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
    return typeof event === "object" && event !== null && #type in event;
  }

  readonly #type: string;
  #target: EventTarget;
  #flags = 0;
  #time: number | undefined;

  /** Makes the event of one dispatch. */
  constructor(type: string, target: SocketTarget) {
    if (!areStanding) standForAll();
    this.#type = type;
    this.#target = target;
    if (type !== "message") this.#time = performance.now(); // of a message: it costs as much as the event
  }

  /** Begins a dispatch. Only listeners call this and the next three. */
  static begin(event: SocketEvent): void {
    event.#flags |= DISPATCHED;
  }

  /** Ends a dispatch (DOM, 2.9, steps 7 to 10). */
  static end(event: SocketEvent): void {
    event.#flags &= ~(DISPATCHED | STOPPED | STOPPED_AT_ONCE);
  }

  /** Makes a program's dispatch of an event that a socket has fired before (DOM, 2.7). */
  static renew(event: SocketEvent, target: EventTarget): void {
    if ((event.#flags & DISPATCHED) !== 0) throw inFlight();
    event.#flags |= BY_PROGRAM;
    event.#target = target;
  }

  /** Returns 0, 1 if a listener has stopped propagation, or 2 or more if none may run any more. */
  static stopped(event: SocketEvent): number {
    return (event.#flags & (STOPPED | STOPPED_AT_ONCE)) >> 1;
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
    return this.#is(DISPATCHED) ? this.#target : null;
  }
  /** 2 (at the target) while listeners run, then 0. */
  get eventPhase(): 0 | 2 {
    return this.#is(DISPATCHED) ? AT_TARGET : 0;
  }
  /**
   * Time when the event was made, in milliseconds since the time origin; of a message, when this was
   * first read.
   */
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
  /** `true`, until a program has given the event to `dispatchEvent()`. */
  get isTrusted(): boolean {
    return !this.#is(BY_PROGRAM);
  }
  /** `true`, by an older name: see {@linkcode SocketEvent.cancelable}. */
  get returnValue(): boolean {
    return true;
  }
  set returnValue(_value: boolean) {}
  /** Whether a listener has stopped propagation, while listeners run. */
  get cancelBubble(): boolean {
    return this.#is(STOPPED);
  }
  set cancelBubble(value: boolean) {
    if (value) this.#flags |= STOPPED;
  }
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
  composedPath(): [EventTarget] | [] {
    return this.#is(DISPATCHED) ? [this.#target] : [];
  }
  /** Does nothing: `new event.constructor(event.type, event)` makes another one. */
  initEvent(): void {}
  /** Does nothing: see {@linkcode SocketEvent.cancelable}. */
  preventDefault(): void {}
  /** Keeps listeners that do not capture from running behind those that do. */
  stopPropagation(): void {
    this.#flags |= STOPPED;
  }
  /** Keeps the listeners that follow from running. */
  stopImmediatePropagation(): void {
    this.#flags |= STOPPED | STOPPED_AT_ONCE;
  }

  #is(flag: number): boolean {
    return (this.#flags & flag) !== 0;
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

/** Returns the error of a dispatch within a dispatch of the same event (DOM, 2.7). */
export function inFlight(): DOMException {
  return new DOMException(
    "Cannot dispatch an event while its listeners run: make another one",
    "InvalidStateError",
  );
}

/**
 * Puts a kind of event behind the platform's own interface, whose constructor it has: that makes a copy
 * of it. The platform's accessors would refuse an object that is not its own, so none is left in sight:
 * what `SocketEvent` does not have is `undefined`, to the constructor of a copy too.
 */
function standFor(
  kind: { prototype: SocketEvent },
  platform: { prototype: Event },
  tag: string,
): void {
  const own = {
    ...Object.getOwnPropertyDescriptors(SocketEvent.prototype),
    ...Object.getOwnPropertyDescriptors(kind.prototype),
    constructor: { value: platform, writable: true, configurable: true },
    [Symbol.toStringTag]: { value: tag, configurable: true },
  };
  for (const { prototype } of [platform, Event]) {
    for (const [name, { get }] of Object.entries(Object.getOwnPropertyDescriptors(prototype))) {
      if (get === undefined || Object.hasOwn(own, name)) continue;
      Object.defineProperty(kind.prototype, name, { get: () => undefined, configurable: true });
    }
  }
  Object.defineProperties(kind.prototype, own);
  Object.setPrototypeOf(kind.prototype, platform.prototype);
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
    const { url } = this.target as SocketTarget;
    return url === undefined ? "" : new URL(url).origin;
  }
  /** `""`: only server-sent events have one. */
  get lastEventId(): string {
    return "";
  }
  /** `null`: only messages between windows have one. */
  get source(): null {
    return null;
  }
  /** Empty, and frozen: only messages between windows have some. */
  get ports(): MessagePort[] {
    return NO_PORTS as MessagePort[];
  }
  /** Does nothing: see {@linkcode SocketEvent.initEvent}. */
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
  standFor(SocketMessageEvent, MessageEvent, "MessageEvent");
  standFor(SocketCloseEvent, closeEvent() ?? Event, "CloseEvent");
  standFor(SocketErrorEvent, Event, "Event");
  standFor(SocketEvent, Event, "Event");
}
