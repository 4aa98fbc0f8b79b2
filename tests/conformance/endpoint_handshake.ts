/**
 * The opening handshake of the correct endpoint: strict on both sides.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";
import type { DeflateState } from "./endpoint_deflate.ts";
import type { Faults } from "./faults.ts";

/** Result of a successful handshake. */
export interface Negotiated {
  /** The compression, if it was negotiated. */
  readonly deflate?: DeflateState;
}

const KEY = "AQIDBAUGBwgJCgsMDQ4PEA==";

/** Request of the client. */
export const REQUEST: string = [
  "GET /chat HTTP/1.1",
  "Host: judge.example",
  "Upgrade: websocket",
  "Connection: Upgrade",
  `Sec-WebSocket-Key: ${KEY}`,
  "Sec-WebSocket-Version: 13",
  "Sec-WebSocket-Extensions: permessage-deflate; client_no_context_takeover; client_max_window_bits",
  "",
  "",
].join("\r\n");

function accept(key: string): string {
  return createHash("sha1").update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest("base64");
}

/**
 * Parses a head into its first line and headers by name in lower case; `undefined` if malformed.
 */
function parse(
  text: string,
  takesAnyOctet = false,
): { line: string; headers: Map<string, string[]> } | undefined {
  const [line = "", ...fields] = text.split("\r\n");
  const headers = new Map<string, string[]>();
  for (const field of fields) {
    const match = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([^]*?)[ \t]*$/.exec(field);
    // deno-lint-ignore no-control-regex -- it looks for control characters
    const isWrong = match !== null && /[\x00-\x08\x0a-\x1f\x7f]/.test(match[2]!);
    if (match === null || isWrong && !takesAnyOctet) return undefined;
    const name = match[1]!.toLowerCase();
    headers.set(name, [...headers.get(name) ?? [], match[2]!]);
  }
  return { line, headers };
}

function has(values: string[] | undefined, token: string): boolean {
  return (values ?? []).join(",").split(",").some((item) => item.trim().toLowerCase() === token);
}

const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;

/** Answers a request. `negotiated` is set if the response is a 101. */
export function answerRequest(
  text: string,
  faults: Faults,
): { response: string; negotiated?: Negotiated } {
  const ignores = faults.ignores ?? [];
  const refuse = (status: string, ...more: string[]): { response: string } => ({
    response: [`HTTP/1.1 ${status}`, ...more, "Content-Length: 0", "Connection: close", "", ""]
      .join("\r\n"),
  });
  const request = parse(text, ignores.includes("field-octets"));
  if (!request) return refuse("400 Bad Request");
  const { line, headers } = request;
  const known = ignores.includes("http-name") ? line.replace(/ \S+$/, " HTTP/1.1") : line;
  const parts = /^(\S+) (\S+) HTTP\/(\d)\.(\d)$/.exec(known);
  if (!parts) return refuse("400 Bad Request");
  if (parts[1] !== "GET" && !ignores.includes("method")) {
    return refuse("405 Method Not Allowed", "Allow: GET");
  }
  if ((parts[3] !== "1" || parts[4] === "0") && !ignores.includes("http-version")) {
    return parts[3] === "1" ? refuse("400 Bad Request") : refuse("505 HTTP Version Not Supported");
  }
  if (headers.get("host")?.length !== 1 && !ignores.includes("host")) {
    return refuse("400 Bad Request");
  }
  if (!/^(https?:\/)?\//.test(parts[2]!) && !ignores.includes("target")) {
    return refuse("400 Bad Request");
  }
  const lengths = headers.get("content-length") ?? ["0"];
  if (headers.has("transfer-encoding") || lengths.some((length) => length !== "0")) {
    return refuse("400 Bad Request");
  }
  const upgrade = ["Upgrade: websocket", "Connection: Upgrade"];
  if (!has(headers.get("upgrade"), "websocket") && !ignores.includes("upgrade")) {
    return refuse("426 Upgrade Required", ...upgrade);
  }
  if (!has(headers.get("connection"), "upgrade") && !ignores.includes("connection")) {
    return refuse("400 Bad Request");
  }
  const versions = headers.get("sec-websocket-version");
  if ((versions?.length !== 1 || versions[0] !== "13") && !ignores.includes("version")) {
    return refuse("426 Upgrade Required", ...upgrade, "Sec-WebSocket-Version: 13");
  }
  const keys = headers.get("sec-websocket-key") ?? [];
  const hasValidKey = keys.length === 1 && /^[A-Za-z0-9+/]{22}==$/.test(keys[0]!) &&
    Buffer.from(keys[0]!, "base64").length === 16;
  if (!hasValidKey && !ignores.includes("key")) return refuse("400 Bad Request");
  const protocols = headers.get("sec-websocket-protocol")?.join(",").split(",") ?? [];
  // 9110 5.6.1: empty elements of a list do not count.
  const names = protocols.map((name) => name.trim()).filter((name) => name !== "");
  const isEmpty = names.length === 0 && headers.has("sec-websocket-protocol");
  if (isEmpty || names.some((name) => !TOKEN.test(name)) || new Set(names).size < names.length) {
    if (!ignores.includes("protocol")) return refuse("400 Bad Request");
  }

  const answer = [
    "HTTP/1.1 101 Switching Protocols",
    ...upgrade,
    `Sec-WebSocket-Accept: ${accept(keys[0] ?? "")}`,
  ];
  const protocol = faults.protocol ?? names[0];
  if (protocol !== undefined) answer.push(`Sec-WebSocket-Protocol: ${protocol}`);
  const offer = headers.get("sec-websocket-extensions");
  const chosen = offer === undefined ? undefined : choose(offer.join(","));
  if (chosen === null && !ignores.includes("extension")) return refuse("400 Bad Request");
  const extensions = faults.extensions ?? (chosen ? chosen.answer : undefined);
  if (extensions !== undefined) answer.push(`Sec-WebSocket-Extensions: ${extensions}`);
  return {
    response: [...answer, "", ""].join("\r\n"),
    negotiated: chosen ? chosen.negotiated : {},
  };
}

const PIECE = String.raw`[!#$%&'*+.^_\`|~0-9A-Za-z-]+`;
const OFFER = new RegExp(`^${PIECE}(\\s*;\\s*${PIECE}(\\s*=\\s*(${PIECE}|"${PIECE}"))?)*$`);

/** Accepts the first valid offer; `null` if the list is malformed, `undefined` if none is valid. */
function choose(header: string): { answer: string; negotiated: Negotiated } | null | undefined {
  const offers = header.split(",").map((offer) => offer.trim());
  if (offers.some((offer) => !OFFER.test(offer))) return null;
  for (const offer of offers) {
    const [name, ...params] = offer.split(";").map((part) => part.trim());
    if (name !== "permessage-deflate") continue;
    const offered = new Map(params.map((param): [string, string | undefined] => {
      const [key = "", value] = param.split("=").map((part) => part.trim().replaceAll('"', ""));
      return [key, value];
    }));
    const isValid = offered.size === params.length && [...offered].every(([key, value]) => {
      if (/^(client|server)_no_context_takeover$/.test(key)) return value === undefined;
      if (key === "client_max_window_bits" && value === undefined) return true;
      return /^(client|server)_max_window_bits$/.test(key) && /^([89]|1[0-5])$/.test(value ?? "");
    });
    if (!isValid) continue;
    const answer = ["permessage-deflate"];
    if (offered.has("server_no_context_takeover")) answer.push("server_no_context_takeover");
    const bits = offered.get("server_max_window_bits");
    if (bits) answer.push(`server_max_window_bits=${bits}`);
    return {
      answer: answer.join("; "),
      negotiated: {
        deflate: {
          inBits: 15,
          outBits: Number(bits ?? 15),
          // The offer is a hint that the client could do so, not a request for it (7692:7.1.1.2).
          inReset: false,
          outReset: offered.has("server_no_context_takeover"),
          inWindow: Buffer.alloc(0),
          outWindow: Buffer.alloc(0),
        },
      },
    };
  }
  return undefined;
}

/** Checks the server's response; returns `undefined` if it is refused. */
export function checkResponse(text: string, faults: Faults): Negotiated | undefined {
  const ignores = faults.ignores ?? [];
  const response = parse(text);
  if (!response) return undefined;
  const { line, headers } = response;
  if (!/^HTTP\/1\.1 101( |$)/.test(line) && !ignores.includes("status")) return undefined;
  if (!has(headers.get("upgrade"), "websocket") && !ignores.includes("upgrade")) return undefined;
  if (!has(headers.get("connection"), "upgrade") && !ignores.includes("connection")) {
    return undefined;
  }
  const accepts = headers.get("sec-websocket-accept") ?? [];
  if ((accepts.length !== 1 || accepts[0] !== accept(KEY)) && !ignores.includes("accept")) {
    return undefined;
  }
  if (headers.has("sec-websocket-protocol") && !ignores.includes("protocol")) return undefined;
  const extensions = headers.get("sec-websocket-extensions");
  if (!extensions) return {};
  const chosen = choose(extensions.join(","));
  const wanted = extensions.length === 1 && !extensions[0]!.includes(",");
  if (!chosen || !wanted) return ignores.includes("extension") ? {} : undefined;
  const params = extensions[0]!;
  // An answer must have a value where an offer need not (7692:7.1.2.2).
  if (/client_max_window_bits(?!\s*=)/.test(params) && !ignores.includes("extension")) {
    return undefined;
  }
  if (faults.needsNoTakeover && !params.includes("client_no_context_takeover")) return undefined;
  const bits = /client_max_window_bits\s*=\s*"?(\d+)/.exec(params)?.[1];
  const theirs = /server_max_window_bits\s*=\s*"?(\d+)/.exec(params)?.[1];
  return {
    deflate: {
      inBits: Number(theirs ?? 15),
      outBits: Number(bits ?? 15),
      inReset: params.includes("server_no_context_takeover"),
      outReset: params.includes("client_no_context_takeover"),
      inWindow: Buffer.alloc(0),
      outWindow: Buffer.alloc(0),
    },
  };
}
