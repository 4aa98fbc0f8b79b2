/** `WebSocketError`: why a `WebSocketStream` ended, and with which code to end one. @module */

import { checkClose } from "../core/close_code.ts";

/** Code and reason of a Close frame. */
export interface WebSocketCloseInfo {
  /**
   * The close code: 1000, or 3000 to 4999.
   *
   * @default {undefined} None, or 1000 if there is a reason: a Close frame has no room for that alone.
   */
  readonly closeCode?: number | undefined;
  /**
   * The reason, up to 123 bytes of UTF-8.
   *
   * @default {""}
   */
  readonly reason?: string;
}

/** WebIDL's `[EnforceRange] unsigned short`. */
function enforceRange(value: unknown): number {
  const number = Math.trunc(+(value as number));
  if (number >= 0 && number <= 65535) return number === 0 ? 0 : number; // no -0
  throw new TypeError(`Cannot close with code ${value}: it must be between 0 and 65535`);
}

/**
 * Converts and checks a {@linkcode WebSocketCloseInfo}, as a dictionary of WebIDL.
 *
 * @throws {TypeError} If it is no object, or the code no number between 0 and 65535.
 * @throws {DOMException} `InvalidAccessError` for a code that may not be sent, `SyntaxError` for a
 * reason that is too long.
 */
export function checkCloseInfo(info: unknown): { code: number | undefined; reason: string } {
  const { closeCode, reason } = toDictionary<WebSocketCloseInfo>("close", info);
  const code = closeCode === undefined ? undefined : enforceRange(closeCode);
  return checkClose("client", code, reason);
}

/**
 * Converts to a dictionary of WebIDL.
 *
 * @throws {TypeError} For what is neither an object nor nothing.
 */
export function toDictionary<T extends object>(what: string, value: unknown): Partial<T> {
  if (value === undefined || value === null) return {};
  if (typeof value === "object" || typeof value === "function") return value as Partial<T>;
  throw new TypeError(`Cannot ${what} with ${String(value)}: it must be an object`);
}

/** Makes an error of an end that has been, with a code that programs may not send. */
export let errorOfEnd: (
  message: string,
  closeCode: number,
  reason: string,
  cause?: unknown,
) => WebSocketError;

/**
 * Error of a {@linkcode WebSocketStream}, with the code and the reason of the end: `opened`, `closed` and
 * the streams reject with it, if the connection failed or messages were lost. Given to `abort()` of the
 * writable or to `cancel()` of the readable stream, it closes with its code and its reason.
 *
 * The property `cause` tells why a connection failed, as far as the runtime does.
 *
 * @throws {TypeError} From `new`, if the code is no number between 0 and 65535.
 * @throws {DOMException} From `new`: `InvalidAccessError` for a code other than 1000 and 3000 to 4999,
 * `SyntaxError` for a reason of more than 123 bytes.
 *
 * @example
 * ```ts
 * import { WebSocketError } from "@isosocket/isosocket/client";
 * import assert from "node:assert/strict";
 *
 * const error = new WebSocketError("The file is too large", { closeCode: 4001, reason: "too large" });
 * assert.deepEqual([error.name, error.closeCode, error.reason], ["WebSocketError", 4001, "too large"]);
 * ```
 */
export class WebSocketError extends DOMException {
  static {
    Object.defineProperty(this, "name", { value: "WebSocketError" }); // minifiers rename classes
    Object.defineProperty(this, "length", { value: 0 });
    for (const name of ["closeCode", "reason"]) {
      Object.defineProperty(this.prototype, name, { enumerable: true });
    }
    errorOfEnd = (message, closeCode, reason, cause) => {
      const error = new WebSocketError(message);
      error.#closeCode = closeCode;
      error.#reason = reason;
      Object.defineProperty(error, "cause", { value: cause, writable: true, configurable: true });
      return error;
    };
  }

  /** Why the connection failed, as far as the runtime tells. */
  declare readonly cause?: unknown;
  #closeCode: number | null;
  #reason: string;

  /**
   * Makes an error to end a stream with.
   *
   * @param message Text for people.
   * @param init Code and reason of the Close frame.
   */
  constructor(message = "", init: WebSocketCloseInfo = {}) {
    super(`${message}`, "WebSocketError");
    const { code, reason } = checkCloseInfo(init);
    this.#closeCode = code ?? null;
    this.#reason = reason;
  }

  /** The close code: the peer's, 1006 if no Close frame came, or `null` if there is none. */
  get closeCode(): number | null {
    return this.#closeCode;
  }

  /** The reason, or `""`. */
  get reason(): string {
    return this.#reason;
  }

  /** `"WebSocketError"`, for `Object.prototype.toString`. */
  get [Symbol.toStringTag](): string {
    return "WebSocketError";
  }
}
