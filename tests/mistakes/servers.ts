/** Mistakes in the options for a server. @module */

import type { Mistake } from "./mistake.ts";

/** Calls of `serve()`. */
export const starting: readonly Mistake[] = [
  {
    code: `serve({ port: "8080" }, handler)`,
    says: `TypeError: Cannot listen on port "8080", a string: it must be a number`,
  },
  {
    code: `serve({ port: Number(undefined) }, handler)`,
    says: `RangeError: Cannot listen on port NaN: it must be between 0 and 65535`,
  },
  {
    code: `serve({ port: 80800 }, handler)`,
    says: `RangeError: Cannot listen on port 80800: it must be between 0 and 65535`,
  },
  {
    code: `serve({ host: "127.0.0.1" }, handler)`,
    says:
      `TypeError: Cannot serve with option "host": there is no such option, did you mean "hostname"?`,
  },
  {
    code: `serve({ hostname: 127 }, handler)`,
    says: `TypeError: Cannot listen on hostname: it must be an address or a name, and is a number`,
  },
  {
    code: `serve({ maxPayLoad: 1024 }, handler)`,
    says:
      `TypeError: Cannot serve with option "maxPayLoad": there is no such option, did you mean "maxPayload"?`,
  },
  {
    code: `serve({ maxPayload: "1mb" }, handler)`,
    says: `TypeError: Cannot use maxPayload "1mb", a string: it must be a number`,
  },
  {
    code: `serve({ idleTimeOut: 30_000 }, handler)`,
    says:
      `TypeError: Cannot serve with option "idleTimeOut": there is no such option, did you mean "idleTimeout"?`,
  },
  {
    code: `serve({ idleTimeout: "30000" }, handler)`,
    says: `TypeError: Cannot use idleTimeout "30000", a string: it must be a number`,
  },
  {
    code: `serve({ idleTimeout: Infinity }, handler)`,
    says: `RangeError: Cannot use idleTimeout Infinity: it must be between 0 and 2147483647 ms`,
  },
  {
    code: `serve({ heartbeat: { every: 25_000 } }, handler)`,
    says: `TypeError: Cannot use heartbeat: it must be a number, and is an object`,
  },
  {
    code: `serve({ maxConnections: 0 }, handler)`,
    says: `RangeError: Cannot use maxConnections 0: it must be 1 or more`,
  },
  {
    code: `serve({ overflow: "ignore" }, handler)`,
    says: `TypeError: Cannot use overflow "ignore": it must be "close", "drop" or "wait"`,
  },
  {
    code: `serve({ origins: "https://app.example" }, handler)`,
    says:
      `TypeError: Cannot use origins "https://app.example": it must be "*", a list or a function`,
  },
  {
    code: `serve({ origins: ["app.example"] }, handler)`,
    says:
      `TypeError: Cannot allow origin "app.example": it must be a scheme and a host without a path, for instance "https://app.example"; for patterns, use a function`,
  },
  {
    code: `serve({ origins: ["https://app.example/"] }, handler)`,
    says:
      `TypeError: Cannot allow origin "https://app.example/": it must be a scheme and a host without a path, for instance "https://app.example"; for patterns, use a function`,
  },
  {
    code: `serve({ origin: "*" }, handler)`,
    says:
      `TypeError: Cannot serve with option "origin": there is no such option, did you mean "origins"?`,
  },
  {
    code: `serve({ cors: true }, handler)`,
    says:
      `TypeError: Cannot serve with option "cors": browsers do not ask for it with WebSockets, but "origins" lists who may connect`,
  },
  {
    code: `serve({ trustProxy: "1" }, handler)`,
    says:
      `TypeError: Cannot use trustProxy: it must be true, false or a number of proxies, and is a string`,
  },
  {
    code: `serve({ perMessageDeflate: true }, handler)`,
    says: `TypeError: Cannot serve with option "perMessageDeflate": here, it is "compression"`,
  },
  {
    code: `serve({ compression: { treshold: 512 } }, handler)`,
    says:
      `TypeError: Cannot compress with option "treshold": there is no such option, did you mean "threshold"?`,
  },
  {
    code: `serve({ protocols: ["chat.v1"] }, handler)`,
    says: `TypeError: Cannot serve with option "protocols": it is an option of upgrade()`,
  },
  {
    code: `serve({ path: "/chat" }, handler)`,
    says:
      `TypeError: Cannot serve with option "path": the handler decides that, by what it returns`,
  },
  {
    code: `serve({ key: "key.pem", cert: "cert.pem" }, handler)`,
    says: `TypeError: Cannot serve with option "key": it belongs to the option tls`,
  },
  {
    code: `serve({ tls: { key: "key.pem", cert: "cert.pem" } }, handler)`,
    says: `TypeError: Cannot use tls.key: it must be PEM, the content of the file`,
  },
  {
    code: `serve({ engine: "ws" }, handler)`,
    says: `TypeError: Cannot serve with engine "ws": it must be "native" or "tcp"`,
  },
  {
    code: `serve({ onError: "log" }, handler)`,
    says: `TypeError: Cannot use onError: it must be a function, and is a string`,
  },
  {
    code: `serve({ onRefuse: true }, handler)`,
    says: `TypeError: Cannot use onRefuse: it must be a function or false, and is a boolean`,
  },
  {
    code: `serve({ fetch: handler })`,
    says: `TypeError: Cannot serve with option "fetch": the handler is an argument of its own`,
  },
  {
    code: `serve({})`,
    says: `TypeError: Cannot serve: the handler must be a function, and is undefined`,
  },
  {
    code: `serve(handler)`,
    says: `TypeError: Cannot serve: the options come first, and the handler second`,
  },
  {
    code: `serve(8080, handler)`,
    says: `TypeError: Cannot serve with 8080: options must be an object`,
  },
  {
    code: `serve({}, { fetch: handler })`,
    says:
      `TypeError: Cannot serve: the handler must be a function, and is an object: is its fetch meant?`,
  },
  {
    code: `serve([handler])`,
    says: `TypeError: Cannot serve: options must be an object, and are an array`,
  },
  {
    code: `serve({ port: 8080n }, handler)`,
    says: `TypeError: Cannot listen on port: it must be a number, and is a bigint`,
  },
  {
    code: `serve({ hostname: null }, handler)`,
    says: `TypeError: Cannot listen on hostname: it must be an address or a name, and is null`,
  },
  {
    code: `serve({ origins: [/example$/] }, handler)`,
    says:
      `TypeError: Cannot allow an object as an origin: it must be a scheme and a host without a path, for instance "https://app.example"; for patterns, use a function`,
  },
];
