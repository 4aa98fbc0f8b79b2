/** Mistakes of clients. @module */

import type { Mistake } from "./mistake.ts";

/** Calls of `connect()` and `reconnect()`, and of what they return. */
export const clients: readonly Mistake[] = [
  {
    code: `connect("127.0.0.1:8080")`,
    says:
      `SyntaxError: Cannot connect to "127.0.0.1:8080": it is not a URL, as ws://host:8080/path is`,
  },
  {
    code: `connect("localhost:8080")`,
    says:
      `SyntaxError: Cannot connect to "localhost:8080": the scheme must be ws, wss, http or https, and is localhost`,
  },
  {
    code: `connect("/chat")`,
    says: `SyntaxError: Cannot connect to "/chat": it is not a URL, as ws://host:8080/path is`,
  },
  {
    code: `connect(undefined)`,
    says: `SyntaxError: Cannot connect to "undefined": it is not a URL, as ws://host:8080/path is`,
  },
  {
    code: `connect("ws://127.0.0.1/#room")`,
    says: `SyntaxError: Cannot connect to "ws://127.0.0.1/#room": the URL must have no fragment`,
  },
  {
    code: `connect(url, 8080)`,
    says: `TypeError: Cannot connect with 8080: options must be an object`,
  },
  {
    code: `connect(url, { protocol: "chat.v1" })`,
    says:
      `TypeError: Cannot connect with option "protocol": there is no such option, did you mean "protocols"?`,
  },
  {
    code: `connect(url, { protocols: ["chat v1"] })`,
    says: `SyntaxError: Cannot offer the subprotocol "chat v1": it must be a token`,
  },
  {
    code: `connect(url, { timeout: "5000" })`,
    says: `TypeError: Cannot use timeout "5000", a string: it must be a number`,
  },
  {
    code: `connect(url, { timout: 5000 })`,
    says:
      `TypeError: Cannot connect with option "timout": there is no such option, did you mean "timeout"?`,
  },
  {
    code: `connect(url, { maxPayload: 0 })`,
    says: `RangeError: Cannot use maxPayload 0: it must be 1 or more`,
  },
  {
    code: `connect(url, { header: { cookie: "a=1" } })`,
    says:
      `TypeError: Cannot connect with option "header": there is no such option, did you mean "headers"?`,
  },
  {
    code: `connect(url, { headers: { host: "x" } })`,
    says: `TypeError: Cannot set the header "host": it belongs to the handshake`,
  },
  {
    code: `connect(url, () => {})`,
    says: `TypeError: Cannot connect: options must be an object, and are a function`,
  },
  {
    code: `connect(url, { headers: { authorization: undefined } })`,
    says:
      `TypeError: Cannot set the header "authorization": its value must be a string, and is undefined`,
  },
  {
    code: `connect(url, { headers: ["cookie: a=1"] })`,
    says: `TypeError: Cannot set headers: in a list, each must be a name and a value`,
  },
  {
    code: `connect(url, { headers: "cookie: a=1" })`,
    says: `TypeError: Cannot set headers: they must be an object, and are a string`,
  },
  {
    code: `connect(url, { headers: { "user agent": "x" } })`,
    says: `TypeError: Cannot set the header "user agent": it must be a token`,
  },
  {
    code: `connect(url, { headers: { authorization: "Bearer two\\nlines" } })`,
    says:
      `TypeError: Cannot set the header "authorization": its value must be ASCII without control characters`,
  },
  {
    code: `connect(url, { headers: { "x-name": "€" } })`,
    says:
      `TypeError: Cannot set the header "x-name": its value must be ASCII without control characters`,
  },
  {
    code: `connect(url, { signal: new AbortController() })`,
    says:
      `TypeError: Cannot use signal: it must be an AbortSignal, and is an object that has one: signal.signal is meant`,
  },
  {
    code: `connect(url, { signal: {} })`,
    says: `TypeError: Cannot use signal: it must be an AbortSignal, and is an object`,
  },
  {
    code: `connect(url, { tls: true })`,
    says: `TypeError: Cannot use tls: it must be an object, and is a boolean`,
  },
  {
    code: `connect(url, { WebSocket: {} })`,
    says: `TypeError: Cannot use WebSocket: it must be a class, and is an object`,
  },
  {
    code: `reconnect(url, { until: true })`,
    says: `TypeError: Cannot use until: it must be a function, and is a boolean`,
  },
  {
    code: `reconnect(url, { heartbeat: null })`,
    says: `TypeError: Cannot use heartbeat with null: options must be an object`,
  },
  {
    code: `reconnect(url, { backoff: null })`,
    says: `TypeError: Cannot use backoff with null: options must be an object`,
  },
  {
    code: `connect(url, { binaryType: "nodebuffer" })`,
    says:
      `TypeError: Cannot connect with binaryType "nodebuffer": it must be "blob" or "arraybuffer"`,
  },
  {
    code: `connect(url, { engine: "ws" })`,
    says: `TypeError: Cannot connect with engine "ws": it must be "native" or "tcp"`,
  },
  {
    code: `connect(url, { rejectUnauthorized: false })`,
    says:
      `TypeError: Cannot connect with option "rejectUnauthorized": it belongs to the option tls`,
  },
  {
    code: `connect(url, { tls: { rejectUnauthorised: false } })`,
    says:
      `TypeError: Cannot connect with this tls.rejectUnauthorised: there are ca, cert, key, servername, each a string, and rejectUnauthorized, a boolean`,
  },
  {
    code: `connect(url).send("hello")`,
    says: `InvalidStateError: Cannot send while CONNECTING: wait for the open event`,
  },
  {
    code: `client.close(1001)`,
    says:
      `InvalidAccessError: Cannot close with code 1001: it must be 1000 or between 3000 and 4999`,
  },
  {
    code: `client.close("bye")`,
    says: `InvalidAccessError: Cannot close with code 0: it must be 1000 or between 3000 and 4999`,
  },
  {
    code: `client.close(1000, "x".repeat(124))`,
    says: `SyntaxError: Cannot close with a reason of 124 bytes: it must have at most 123`,
  },
  {
    code: `client.send()`,
    says: `TypeError: Cannot send: 1 argument is required, but there is none`,
  },
  {
    code: `client.addEventListener("message", "onMessage")`,
    says: `TypeError: Cannot listen for "message": the listener must be a function or an object`,
  },
  {
    code: `new WebSocket(url, { headers: { cookie: "a=1" } })`,
    says:
      `SyntaxError: Cannot offer the subprotocol "[object Object]": it must be a token, and connect() is what takes options`,
  },
  {
    code: `reconnect(url, "chat.v1")`,
    says: `TypeError: Cannot reconnect with chat.v1: options must be an object`,
  },
  {
    code: `reconnect(url, { retries: 5 })`,
    says:
      `TypeError: Cannot reconnect with option "retries": the function "until" decides, which is given the number of failures`,
  },
  {
    code: `reconnect(url, { backoff: 1000 })`,
    says: `TypeError: Cannot use backoff with 1000: options must be an object`,
  },
  {
    code: `reconnect(url, { backoff: { base: "1000" } })`,
    says: `TypeError: Cannot use backoff.base "1000", a string: it must be a number`,
  },
  {
    code: `reconnect(url, { backoff: { maximum: 1000 } })`,
    says:
      `TypeError: Cannot use backoff with option "maximum": there is no such option, did you mean "max"?`,
  },
  {
    code: `reconnect(url, { heartbeat: 25_000 })`,
    says: `TypeError: Cannot use heartbeat with 25000: options must be an object`,
  },
  {
    code: `reconnect(url, { heartbeat: { every: 25_000 } })`,
    says: `TypeError: Cannot use heartbeat.deadline undefined: it must be a number`,
  },
  {
    code: `reconnect(url, { heartbeat: { interval: 25_000, deadline: 1 } })`,
    says: `TypeError: Cannot use heartbeat with option "interval": there is no such option`,
  },
  {
    code: `reconnect(url, { queue: { overflow: "drop" } })`,
    says: `TypeError: Cannot use queue.overflow "drop": it must be "reject" or "drop-oldest"`,
  },
];
