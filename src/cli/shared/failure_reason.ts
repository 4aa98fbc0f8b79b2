/** Says why a connection failed, in sentences that are the same on every runtime. @module */

import { STATUS_CODES } from "node:http";
import type { ConnectFailure } from "../../core/failure.ts";
import { redactLocation } from "../../core/credentials.ts";
import { quote } from "./printable.ts";

/** Sentences for the codes of systems. */
const REASONS: Readonly<Record<string, string>> = {
  EACCES: "the system does not allow it",
  ECONNREFUSED: "nobody listens there",
  ECONNRESET: "the connection was cut",
  EHOSTUNREACH: "there is no way to that host",
  ENETUNREACH: "there is no way to that network",
  ENOENT: "there is no such file",
  ENOTFOUND: "there is no host of that name",
  ENOTSOCK: "it is no socket",
  EAI_AGAIN: "names cannot be looked up now",
  EPIPE: "the connection was cut",
  ETIMEDOUT: "nobody answered",
  HPE_HEADER_OVERFLOW: "the headers of its answer are too long",
};

const CERTIFICATE = /CERT|SELF_SIGNED|UNABLE_TO_VERIFY/;

/** What is wrong with a certificate, and what helps, by the codes that say more than the rest. */
const CERTIFICATE_REASONS: Readonly<Record<string, string>> = {
  CERT_HAS_EXPIRED: "it has expired; --insecure takes it nevertheless",
  CERT_NOT_YET_VALID: "it is not valid yet; --insecure takes it nevertheless",
  ERR_TLS_CERT_ALTNAME_INVALID: "it is for another name; --insecure takes it nevertheless",
};

/** What OpenSSL, BoringSSL and rustls say, and what that means. */
const TLS_REASONS: readonly (readonly [pattern: RegExp, reason: string])[] = [
  [
    /wrong.version.number/i,
    "that port does not speak TLS: its address begins with ws:",
  ],
  [
    /certificate.?required|bad.?certificate/i,
    "the server asks who you are, and takes no other answer than a certificate that it trusts: " +
    "--cert and --key",
  ],
  [/unknown.?ca\b/i, "the server does not trust the certificate of --cert"],
  [
    /alert.protocol.?version|ProtocolVersion|unsupported.protocol/i,
    "the server speaks no version of TLS that is in use",
  ],
  [/alert:? ?.handshake.?failure/i, "the server finds nothing in TLS that both of you can do"],
  [/unrecogni[sz]ed.?name/i, "the server has no certificate for that name"],
];

/** Returns why a connection was not established, or was lost. */
export function failureReason(error: unknown): string {
  const cause = (error as Error | undefined)?.cause as ConnectFailure | undefined;
  if (cause?.status !== undefined) {
    return `the server answered ${`${cause.status} ${STATUS_CODES[cause.status] ?? ""}`.trim()}`;
  }
  const known = cause && knownReason(cause);
  if (known !== undefined) return known;
  if ((error as Error | undefined)?.name === "TimeoutError") return "no answer came in time";
  const message = cause?.message ?? (error as Error | undefined)?.message ?? "";
  return message.replace(/^The connection was lost(?:: )?/, "") || "the runtime does not say why";
}

/** Returns why a system, or TLS, made no connection. */
export function systemReason(error: unknown): string {
  return knownReason(error as Error) ?? (error as Error).message;
}

function knownReason({ code = "", message }: ConnectFailure): string | undefined {
  const tls = TLS_REASONS.find(([pattern]) => pattern.test(code) || pattern.test(message));
  if (tls !== undefined) return tls[1];
  if (Object.hasOwn(REASONS, code)) return `${REASONS[code]} (${code})`;
  if (code.startsWith("HPE_")) return `its answer is not HTTP as it should be (${code})`;
  if (!CERTIFICATE.test(code)) return undefined;
  const reason = CERTIFICATE_REASONS[code] ??
    "--ca <file> trusts its authority, and --insecure anybody";
  return `its certificate is not to be trusted (${code}): ${reason}`;
}

/** Statuses that redirect a GET (RFC 9110, 15.4.2 to 15.4.4, 15.4.8 and 15.4.9). */
export const REDIRECTING: readonly (number | undefined)[] = [301, 302, 303, 307, 308];

/** Headers of a refusal that say what to do. */
const TELLING = ["location", "www-authenticate", "retry-after", "sec-websocket-version", "allow"];

/** Maximum number of lines of a body, and of characters of a line or header. */
const MAX_LINES = 12, MAX_COLUMNS = 300;

/** Returns what else a server said when it refused a handshake: lines for people, within bounds. */
export function refusalLines(error: unknown): string[] {
  const { status, headers, body = "" } =
    ((error as Error | undefined)?.cause ?? {}) as ConnectFailure;
  const told = TELLING.flatMap((name) => {
    const value = headers?.get(name) ?? null;
    if (value === null) return [];
    const isFollowed = name === "location" && REDIRECTING.includes(status);
    const hint = isFollowed ? "  (--location follows it)" : "";
    return [`${name}: ${cut(redactLocation(quote(value).slice(1, -1)))}${hint}`];
  });
  const lines = body.trim().split(/\r\n|[\n\r]/).map((line) => cut(line.trimEnd()));
  const kept = lines.filter((line, i) => line !== "" || lines[i - 1] !== "").slice(
    0,
    MAX_LINES + 1,
  );
  if (kept.length > MAX_LINES) kept[MAX_LINES] = "…";
  return [...told, ...(body.trim() === "" ? [] : kept)].map((line) => `  ${line}`);
}

function cut(text: string): string {
  return text.length <= MAX_COLUMNS ? text : `${text.slice(0, MAX_COLUMNS)}…`;
}
