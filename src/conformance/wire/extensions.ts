/**
 * The negotiation of extensions (RFC 6455, 9.1), and of permessage-deflate (RFC 7692, 5 and 7.1).
 *
 * @module
 */

/** Negotiation of permessage-deflate in a case, which is skipped if nothing is agreed on. */
export interface Negotiation {
  /** Offers when the judge is the client, in order of preference. */
  readonly offers: readonly string[];

  /**
   * Answers when the judge is the server: the first that the client's offer allows is sent. The
   * forms `client_max_window_bits=N` and `…_no_context_takeover` are understood.
   */
  readonly answers: readonly string[];

  /** A parameter that the client has to have offered, and that the answer lacks. Default: none. */
  readonly withholds?: string;
}

/** Parameters of permessage-deflate that both sides agreed on. */
export interface Agreement {
  /** Whether the client compresses each message by itself. */
  readonly clientNoTakeover: boolean;

  /** Whether the server compresses each message by itself. */
  readonly serverNoTakeover: boolean;

  /** Size of the client's window as a power of two, 8 to 15. */
  readonly clientBits: number;

  /** Size of the server's window as a power of two, 8 to 15. */
  readonly serverBits: number;
}

/** One extension of a Sec-WebSocket-Extensions header. */
export interface Extension {
  /** Name of the extension. */
  readonly name: string;

  /** Values by parameter; `true` for a parameter without a value. */
  readonly params: ReadonlyMap<string, string | true>;
}

const TOKEN = "[!#$%&'*+.^_`|~0-9A-Za-z-]+";
const PARAM = new RegExp(`^\\s*;\\s*(${TOKEN})(?:\\s*=\\s*(?:(${TOKEN})|"(${TOKEN})"))?`);
const NAME = new RegExp(`^\\s*(${TOKEN})`);

/** Parses a Sec-WebSocket-Extensions header (9.1). Returns `undefined` if it is malformed. */
export function parseExtensions(header: string): Extension[] | undefined {
  const found: Extension[] = [];
  let left = header;
  while (true) {
    const name = NAME.exec(left);
    if (name === null) return undefined;
    left = left.slice(name[0].length);
    const params = new Map<string, string | true>();
    for (let param = PARAM.exec(left); param !== null; param = PARAM.exec(left)) {
      if (params.has(param[1]!)) return undefined;
      params.set(param[1]!, param[2] ?? param[3] ?? true);
      left = left.slice(param[0].length);
    }
    found.push({ name: name[1]!, params });
    left = left.trimStart();
    if (left === "") return found;
    if (!left.startsWith(",")) return undefined;
    left = left.slice(1);
  }
}

const BITS = /^(?:[89]|1[0-5])$/; // 7692:7.1.2: no leading zeros

function bitsOf(value: string | true | undefined): number {
  return typeof value === "string" && BITS.test(value) ? Number(value) : NaN;
}

/**
 * Reads the server's answer to the judge as a client.
 *
 * @returns The agreement; `undefined` if the server declined; or what it violates.
 */
export function readAnswer(
  answer: string,
  offers: readonly string[],
): Agreement | undefined | { section: string; note: string } {
  if (answer === "") return undefined;
  const extensions = parseExtensions(answer);
  if (extensions === undefined) {
    return { section: "9.1", note: `Sec-WebSocket-Extensions is malformed: ${answer}` };
  }
  if (offers.length === 0) {
    const note = `The server agreed to an extension where there was none to agree to: ${answer}`;
    return { section: "9.1", note };
  }
  const [first, ...others] = extensions;
  if (first!.name !== "permessage-deflate" || others.length > 0) {
    return { section: "9.1", note: `The server answered with an extension not offered: ${answer}` };
  }
  const offered = offers.flatMap((offer) => parseExtensions(offer) ?? []);
  for (const [name, value] of first!.params) {
    const complaint = complaintAbout(name, value, offered);
    if (complaint) return { section: "7692:7.1", note: `${complaint} in the answer: ${answer}` };
  }
  return agreementOf(first!);
}

function complaintAbout(
  name: string,
  value: string | true,
  offered: readonly Extension[],
): string | undefined {
  switch (name) {
    case "server_no_context_takeover":
    case "client_no_context_takeover":
      return value === true ? undefined : `${name} has a value`;
    case "server_max_window_bits":
      return Number.isNaN(bitsOf(value)) ? `${name} is not 8 to 15` : undefined;
    case "client_max_window_bits":
      if (!offered.some((offer) => offer.params.has(name))) return `${name} was not offered`;
      return Number.isNaN(bitsOf(value)) ? `${name} is not 8 to 15` : undefined;
    default:
      return `Unknown parameter ${name}`;
  }
}

function agreementOf({ params }: Extension): Agreement {
  return {
    clientNoTakeover: params.has("client_no_context_takeover"),
    serverNoTakeover: params.has("server_no_context_takeover"),
    clientBits: bitsOf(params.get("client_max_window_bits")) || 15,
    serverBits: bitsOf(params.get("server_max_window_bits")) || 15,
  };
}

/**
 * Chooses the answer of the judge as a server: the first that the client's offers allow (7692:5.1).
 * It agrees to what the client offers to do without: a client that would rather not remember what it
 * sent need not (7692:7.1.1.2).
 *
 * @returns The header to answer with, and its meaning; `undefined` if nothing can be agreed on.
 */
export function chooseAnswer(
  offer: string,
  { answers, withholds }: Negotiation,
): { header: string; agreement: Agreement } | undefined {
  const offers = (parseExtensions(offer) ?? []).filter(({ name }) => name === "permessage-deflate");
  for (const header of answers) {
    const wanted = parseExtensions(header)?.[0];
    if (wanted === undefined) continue;
    for (const { params } of offers) {
      if (withholds !== undefined && !params.has(withholds)) continue;
      const limit = params.get("client_max_window_bits");
      const bits = wanted.params.get("client_max_window_bits");
      if (bits !== undefined && limit === undefined) continue;
      // An answer is no larger than the window that the client has named (7692:7.1.2.2).
      if (typeof limit === "string" && Number(bits) > Number(limit)) continue;
      // What the client requests of us must be granted in the answer (7692:7.1.1.1, 7.1.2.1).
      const granted = new Map(wanted.params);
      if (params.has("server_no_context_takeover")) granted.set("server_no_context_takeover", true);
      if (params.has("client_no_context_takeover") && withholds !== "client_no_context_takeover") {
        granted.set("client_no_context_takeover", true);
      }
      const ours = params.get("server_max_window_bits");
      if (typeof ours === "string" && !granted.has("server_max_window_bits")) {
        granted.set("server_max_window_bits", ours);
      }
      const answer = { name: "permessage-deflate", params: granted };
      return { header: formatExtension(answer), agreement: agreementOf(answer) };
    }
  }
  return undefined;
}

function formatExtension({ name, params }: Extension): string {
  const parts = [...params].map(([key, value]) => value === true ? key : `${key}=${value}`);
  return [name, ...parts].join("; ");
}
