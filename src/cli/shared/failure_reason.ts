/** Says why a connection failed, in sentences that are the same on every runtime. @module */

import { STATUS_CODES } from "node:http";
import type { ConnectFailure } from "../../core/failure.ts";

/** Sentences for the codes of systems. */
const REASONS: Readonly<Record<string, string>> = {
  ECONNREFUSED: "nobody listens there",
  ECONNRESET: "the connection was cut",
  EHOSTUNREACH: "there is no way to that host",
  ENETUNREACH: "there is no way to that network",
  ENOTFOUND: "there is no host of that name",
  EAI_AGAIN: "names cannot be looked up now",
  ETIMEDOUT: "nobody answered",
};

const CERTIFICATE = /CERT|SELF_SIGNED|UNABLE_TO_VERIFY/;

/** Returns why a connection was not established, or was lost. */
export function failureReason(error: unknown): string {
  const cause = (error as Error | undefined)?.cause as ConnectFailure | undefined;
  const { status, code = "", message = (error as Error | undefined)?.message ?? "" } = cause ?? {};
  if (status !== undefined) {
    return `the server answered ${`${status} ${STATUS_CODES[status] ?? ""}`.trim()}`;
  }
  if (Object.hasOwn(REASONS, code)) return `${REASONS[code]} (${code})`;
  if (CERTIFICATE.test(code)) {
    return `its certificate is not to be trusted (${code}): --ca <file> trusts its authority, and ` +
      "--insecure anybody";
  }
  if ((error as Error | undefined)?.name === "TimeoutError") return "no answer came in time";
  return message.replace(/^The connection was lost(?:: )?/, "") || "the runtime does not say why";
}
