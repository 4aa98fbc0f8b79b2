/**
 * The options of a run, their defaults, and the properties that every run has.
 *
 * @module
 */

import process from "node:process";
import type { Case } from "./case.ts";
import type { Result } from "./result.ts";
import type { Selection } from "./selection.ts";
import type { ServerProcess } from "./server_process.ts";
import type { Headers } from "./wire/handshake.ts";
import type { TlsFiles } from "./wire/transport.ts";

/** Options for a run of the judge. */
export interface RunOptions extends Selection {
  /** Cases to select from. Default: all. */
  readonly cases?: readonly Case[];

  /** Number of simultaneous connections. Default: 4. */
  readonly jobs?: number;

  /** Milliseconds of silence after which an expectation fails; more for slow peers. Default: 3000. */
  readonly timeout?: number;

  /** Milliseconds that one case may take. Default: 120 000. */
  readonly budget?: number;

  /** Whether reports count warnings as failures; the verdicts stay the same. Default: false. */
  readonly strict?: boolean;

  /** Name of the subject. Default: its Server header, or its address. */
  readonly agent?: string;

  /** Headers to add to every request. Default: none. */
  readonly headers?: Headers;

  /**
   * For servers: whether to judge their WebSockets over HTTP/2 (RFC 8441), by ALPN for `wss:` and with
   * prior knowledge for `ws:`. Default: false.
   */
  readonly http2?: boolean;

  /** Whether to accept any certificate. Default: false. */
  readonly insecure?: boolean;

  /** Certificates in PEM, for `wss:`: the authorities to trust, and the judge's own. */
  readonly tls?: TlsFiles;

  /** For servers: their process, which is started again after a crash. Default: none. */
  readonly server?: ServerProcess;

  /** Interrupts the run; the results so far are returned. */
  readonly signal?: AbortSignal;

  /** Called before the first case, with the number of cases. */
  readonly onStart?: (agent: string, count: number) => void;

  /** Called with the id of a case when it begins, and again when it is played again alone. */
  readonly onPlay?: (id: string) => void;

  /** Called with each result as it comes, in no particular order. */
  readonly onResult?: (result: Result) => void;
}

/** Defaults of {@linkcode RunOptions}. */
export const DEFAULTS = { jobs: 4, timeout: 3000, budget: 120_000 } as const;

/** Returns the runtime and platform of the judge: `node 20.20.2 linux x64`. */
export function describeRuntime(): string {
  const { bun, deno, node } = process.versions;
  const name = deno ? `deno ${deno}` : bun ? `bun ${bun}` : `node ${node}`;
  return `${name} ${process.platform} ${process.arch}`;
}

/** Returns a random seed that is short enough to type. */
export function chooseSeed(): number {
  return 1 + Math.floor(Math.random() * 999_999);
}
