// Our server behind nghttpx, which takes its WebSockets over HTTP/2.

import process from "node:process";
import { tryOverHttp2 } from "./over_http2.ts";
import { type Program, start } from "./proxy.ts";
import { tryThrough } from "./through.ts";

const program: Program = {
  path: process.env["NGHTTPX"] ?? "/usr/sbin/nghttpx",
  args: (configuration) => [`--conf=${configuration}`],
};

const KEY = "warn: It passes the key on, beside one of its own";
const END = "warn: It does not tell the server that the client has ended the stream";

tryOverHttp2({
  name: "nghttpx",
  start: (backend) =>
    start(program, (port) => `
frontend=127.0.0.1,${port};no-tls
backend=127.0.0.1,${backend}
single-process=yes
workers=1
errorlog-file=/dev/stderr
accesslog-file=/dev/null
`),
  known: {
    "8441:5/passes-over-a-key": KEY,
    "8441:5/passes-over-a-key-that-is-none": KEY,
    "8441:5/passes-over-two-keys": KEY,
    "8441:5/takes-the-end-of-a-stream-without-a-close": END,
    "8441:5/takes-the-end-of-a-stream-behind-a-message": END,
    "8441:5/takes-an-end-of-the-stream-in-the-request": END,
  },
});

tryThrough("nghttpx", program, "nghttpx.conf");
