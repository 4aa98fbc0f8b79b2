// deno-lint-ignore-file no-explicit-any -- `any` is what the platform has
/**
 * The platform's types, for declarations that are read where they may be missing: a server's
 * `tsconfig.json` often has neither the library `dom` nor the types of a runtime. Then they would be
 * errors, or, with `skipLibCheck`, silently `any`.
 *
 * Each name is the platform's own type where there is one, whoever declares it: `dom`, `@types/node`,
 * `bun-types`, Deno. Elsewhere it is the shape that is written here.
 *
 * @module
 */

/**
 * The platform's type; or ours, if there is none (`any`), or nothing in it (declared to be merged). In
 * tuples, since a condition about a name that is missing is `any` itself.
 */
type Known<Platform, Own> = [0] extends [1 & Platform] ? Own
  : [keyof Platform] extends [never] ? Own
  : Platform;

/** Type of the data of a socket's binary messages. */
export type BinaryType = "blob" | "arraybuffer";

/** Headers, or what a `Headers` can be made of. */
export type HeadersInit = [string, string][] | Record<string, string> | Headers;

/** Options of `removeEventListener()`. */
export interface EventListenerOptions {
  capture?: boolean;
}

/** Options of `addEventListener()`. */
export interface AddEventListenerOptions extends EventListenerOptions {
  once?: boolean;
  passive?: boolean;
  signal?: AbortSignal;
}

/** A listener of events. */
export type EventListenerOrEventListenerObject =
  | ((event: Event) => void)
  | { handleEvent(event: Event): void };

/** Members of a `CloseEvent` that a program makes. */
export interface CloseEventInit {
  bubbles?: boolean;
  cancelable?: boolean;
  composed?: boolean;
  code?: number;
  reason?: string;
  wasClean?: boolean;
}

/** An event (DOM, 2.2). */
export interface OwnEvent {
  readonly type: string;
  readonly target: EventTarget | null;
  readonly currentTarget: EventTarget | null;
  readonly eventPhase: number;
  readonly timeStamp: number;
  readonly bubbles: boolean;
  readonly cancelable: boolean;
  readonly composed: boolean;
  readonly defaultPrevented: boolean;
  readonly isTrusted: boolean;
  composedPath(): EventTarget[];
  preventDefault(): void;
  stopPropagation(): void;
  stopImmediatePropagation(): void;
}
// @ts-ignore: it may be missing
export type Event = Known<globalThis.Event, OwnEvent>;

/** An object that events happen to (DOM, 2.7). */
export interface OwnEventTarget {
  addEventListener(
    type: string,
    listener: EventListenerOrEventListenerObject | null,
    options?: boolean | AddEventListenerOptions,
  ): void;
  removeEventListener(
    type: string,
    listener: EventListenerOrEventListenerObject | null,
    options?: boolean | EventListenerOptions,
  ): void;
  dispatchEvent(event: Event): boolean;
}
// @ts-ignore: it may be missing
export type EventTarget = Known<globalThis.EventTarget, OwnEventTarget>;

/** Event of a message (HTML, 9.1). */
export interface OwnMessageEvent<T = any> extends OwnEvent {
  readonly data: T;
  readonly origin: string;
  readonly lastEventId: string;
}
// @ts-ignore: it may be missing, or, with the types of Node, have no parameter
type GenericMessageEvent<T> = Known<globalThis.MessageEvent<T>, KnownMessageEvent<T>>;
// @ts-ignore: it may be missing
type KnownMessageEvent<T> = Known<globalThis.MessageEvent, OwnMessageEvent<T>>;
export type MessageEvent<T = any> = GenericMessageEvent<T>;

/** Event of the end of a connection (WebSockets, 7). */
export interface OwnCloseEvent extends OwnEvent {
  readonly code: number;
  readonly reason: string;
  readonly wasClean: boolean;
}
// @ts-ignore: it may be missing
export type CloseEvent = Known<globalThis.CloseEvent, CloseEventOf<FoundWebSocket>>;
// @ts-ignore: it may be missing
type FoundWebSocket = Known<globalThis.WebSocket, object>;
/** The types of Node have such events, and no name for them. */
type CloseEventOf<Socket> = Socket extends { onclose: ((this: any, event: infer E) => any) | null }
  ? Known<E, OwnCloseEvent>
  : OwnCloseEvent;

/** A port of a message channel (HTML, 9.4.4): sockets have none. */
export interface OwnMessagePort extends OwnEventTarget {
  postMessage(message: any): void;
  start(): void;
  close(): void;
}
// @ts-ignore: it may be missing
export type MessagePort = Known<globalThis.MessagePort, OwnMessagePort>;

/** A signal to stop (DOM, 3.2). */
export interface OwnAbortSignal extends OwnEventTarget {
  readonly aborted: boolean;
  readonly reason: any;
  throwIfAborted(): void;
}
// @ts-ignore: it may be missing
export type AbortSignal = Known<globalThis.AbortSignal, OwnAbortSignal>;

/** An error of the platform (WebIDL, 2.8.1). */
export interface OwnDOMException extends Error {
  readonly name: string;
  readonly message: string;
  readonly code: number;
}
/** Its class. */
export interface OwnDOMExceptionConstructor {
  readonly prototype: DOMException;
  new (message?: string, name?: string): DOMException;
}
// @ts-ignore: it may be missing
export type DOMException = Known<globalThis.DOMException, OwnDOMException>;
// @ts-ignore: it may be missing
type DOMExceptionClass = typeof globalThis.DOMException;
export declare const DOMException: Known<DOMExceptionClass, OwnDOMExceptionConstructor>;

/** An address (URL, 6.1). */
export interface OwnURL {
  href: string;
  readonly origin: string;
  protocol: string;
  username: string;
  password: string;
  host: string;
  hostname: string;
  port: string;
  pathname: string;
  search: string;
  hash: string;
  toString(): string;
  toJSON(): string;
}
// @ts-ignore: it may be missing
export type URL = Known<globalThis.URL, OwnURL>;

/** Immutable data (File API, 3). */
export interface OwnBlob {
  readonly size: number;
  readonly type: string;
  arrayBuffer(): Promise<ArrayBuffer>;
  slice(start?: number, end?: number, contentType?: string): Blob;
  stream(): ReadableStream;
  text(): Promise<string>;
}
// @ts-ignore: it may be missing
export type Blob = Known<globalThis.Blob, OwnBlob>;

/** A reader of a stream (Streams, 4.3). */
export interface OwnReader<R = any> {
  readonly closed: Promise<unknown>;
  read(): Promise<{ done: false; value: R } | { done: true; value: R | undefined }>;
  cancel(reason?: any): Promise<void>;
  releaseLock(): void;
}
/** A stream to read from (Streams, 4.2). */
export interface OwnReadableStream<R = any> {
  readonly locked: boolean;
  cancel(reason?: any): Promise<void>;
  getReader(): OwnReader<R>;
  pipeTo(destination: WritableStream<R>): Promise<void>;
}
// @ts-ignore: it may be missing
export type ReadableStream<R = any> = Known<globalThis.ReadableStream<R>, OwnReadableStream<R>>;

/** A writer of a stream (Streams, 5.3). */
export interface OwnWriter<W = any> {
  readonly closed: Promise<unknown>;
  readonly desiredSize: number | null;
  readonly ready: Promise<unknown>;
  write(chunk: W): Promise<void>;
  close(): Promise<void>;
  abort(reason?: any): Promise<void>;
  releaseLock(): void;
}
/** A stream to write to (Streams, 5.2). */
export interface OwnWritableStream<W = any> {
  readonly locked: boolean;
  abort(reason?: any): Promise<void>;
  close(): Promise<void>;
  getWriter(): OwnWriter<W>;
}
// @ts-ignore: it may be missing
export type WritableStream<W = any> = Known<globalThis.WritableStream<W>, OwnWritableStream<W>>;

/** Header fields (Fetch, 5.1). */
export interface OwnHeaders {
  append(name: string, value: string): void;
  delete(name: string): void;
  get(name: string): string | null;
  getSetCookie(): string[];
  has(name: string): boolean;
  set(name: string, value: string): void;
  forEach(callback: (value: string, name: string, parent: Headers) => void): void;
}
// @ts-ignore: it may be missing
export type Headers = Known<globalThis.Headers, OwnHeaders>;

/** The body of a request or a response (Fetch, 5.3). */
interface OwnBody {
  readonly headers: Headers;
  readonly body: ReadableStream | null;
  readonly bodyUsed: boolean;
  arrayBuffer(): Promise<ArrayBuffer>;
  blob(): Promise<Blob>;
  json(): Promise<unknown>;
  text(): Promise<string>;
}
/** A request (Fetch, 5.4). */
export interface OwnRequest extends OwnBody {
  readonly method: string;
  readonly url: string;
  readonly signal: AbortSignal;
  clone(): Request;
}
// @ts-ignore: it may be missing
export type Request = Known<globalThis.Request, OwnRequest>;

/** A response (Fetch, 5.5). */
export interface OwnResponse extends OwnBody {
  readonly ok: boolean;
  readonly redirected: boolean;
  readonly status: number;
  readonly statusText: string;
  readonly type: string;
  readonly url: string;
  clone(): Response;
}
// @ts-ignore: it may be missing
export type Response = Known<globalThis.Response, OwnResponse>;

/** Handler of the events of a `WebSocket`. */
type Handler<E> = ((this: any, event: E) => any) | null;
/** A `WebSocket` (WebSockets, 3). */
export interface OwnWebSocket extends OwnEventTarget {
  readonly CONNECTING: 0;
  readonly OPEN: 1;
  readonly CLOSING: 2;
  readonly CLOSED: 3;
  readonly url: string;
  readonly protocol: string;
  readonly extensions: string;
  readonly readyState: 0 | 1 | 2 | 3;
  readonly bufferedAmount: number;
  binaryType: BinaryType;
  onopen: Handler<Event>;
  onmessage: Handler<MessageEvent>;
  onerror: Handler<Event>;
  onclose: Handler<CloseEvent>;
  send(data: string | ArrayBuffer | ArrayBufferView<ArrayBuffer> | Blob): void;
  close(code?: number, reason?: string): void;
}
/** Its class. */
export interface OwnWebSocketConstructor {
  readonly prototype: WebSocket;
  readonly CONNECTING: 0;
  readonly OPEN: 1;
  readonly CLOSING: 2;
  readonly CLOSED: 3;
  new (url: string | URL, protocols?: string | string[]): WebSocket;
}
// @ts-ignore: it may be missing
type KnownWebSocket = Known<globalThis.WebSocket, OwnWebSocket>;
/** By the standard: Bun's own type has more members, which nothing else has. */
export type WebSocket = OwnWebSocket extends KnownWebSocket ? KnownWebSocket : OwnWebSocket;
// @ts-ignore: it may be missing
type WebSocketClass = typeof globalThis.WebSocket;
export declare const WebSocket: Known<WebSocketClass, OwnWebSocketConstructor>;
