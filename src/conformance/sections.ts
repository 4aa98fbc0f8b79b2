/**
 * The sections of the standards that cases may cite: titles by number.
 *
 * A section of RFC 6455 is written as its number, `"5.5.1"`; one of RFC 7692 (permessage-deflate),
 * RFC 8441 (WebSockets over HTTP/2) or RFC 9113 (HTTP/2) with its document in front, `"7692:7.2.1"`. A test checks that every case cites one that exists.
 *
 * @module
 */

const WEBSOCKET: Readonly<Record<string, string>> = {
  "1": "Introduction",
  "1.1": "Background",
  "1.2": "Protocol Overview",
  "1.3": "Opening Handshake",
  "1.4": "Closing Handshake",
  "1.5": "Design Philosophy",
  "1.6": "Security Model",
  "1.7": "Relationship to TCP and HTTP",
  "1.8": "Establishing a Connection",
  "1.9": "Subprotocols Using the WebSocket Protocol",
  "2": "Conformance Requirements",
  "2.1": "Terminology and Other Conventions",
  "3": "WebSocket URIs",
  "4": "Opening Handshake",
  "4.1": "Client Requirements",
  "4.2": "Server-Side Requirements",
  "4.2.1": "Reading the Client's Opening Handshake",
  "4.2.2": "Sending the Server's Opening Handshake",
  "4.3": "Collected ABNF for New Header Fields Used in Handshake",
  "4.4": "Supporting Multiple Versions of WebSocket Protocol",
  "5": "Data Framing",
  "5.1": "Overview",
  "5.2": "Base Framing Protocol",
  "5.3": "Client-to-Server Masking",
  "5.4": "Fragmentation",
  "5.5": "Control Frames",
  "5.5.1": "Close",
  "5.5.2": "Ping",
  "5.5.3": "Pong",
  "5.6": "Data Frames",
  "5.7": "Examples",
  "5.8": "Extensibility",
  "6": "Sending and Receiving Data",
  "6.1": "Sending Data",
  "6.2": "Receiving Data",
  "7": "Closing the Connection",
  "7.1": "Definitions",
  "7.1.1": "Close the WebSocket Connection",
  "7.1.2": "Start the WebSocket Closing Handshake",
  "7.1.3": "The WebSocket Closing Handshake is Started",
  "7.1.4": "The WebSocket Connection is Closed",
  "7.1.5": "The WebSocket Connection Close Code",
  "7.1.6": "The WebSocket Connection Close Reason",
  "7.1.7": "Fail the WebSocket Connection",
  "7.2": "Abnormal Closures",
  "7.2.1": "Client-Initiated Closure",
  "7.2.2": "Server-Initiated Closure",
  "7.2.3": "Recovering from Abnormal Closure",
  "7.3": "Normal Closure of Connections",
  "7.4": "Status Codes",
  "7.4.1": "Defined Status Codes",
  "7.4.2": "Reserved Status Code Ranges",
  "8": "Error Handling",
  "8.1": "Handling Errors in UTF-8-Encoded Data",
  "9": "Extensions",
  "9.1": "Negotiating Extensions",
  "9.2": "Known Extensions",
  "10": "Security Considerations",
  "10.1": "Non-Browser Clients",
  "10.2": "Origin Considerations",
  "10.3": "Attacks On Infrastructure (Masking)",
  "10.4": "Implementation-Specific Limits",
  "10.5": "WebSocket Client Authentication",
  "10.6": "Connection Confidentiality and Integrity",
  "10.7": "Handling of Invalid Data",
  "10.8": "Use of SHA-1 by the WebSocket Handshake",
  "11": "IANA Considerations",
  "11.1": "Registration of New URI Schemes",
  "11.2": 'Registration of the "WebSocket" HTTP Upgrade Keyword',
  "11.3": "Registration of New HTTP Header Fields",
  "11.3.1": "Sec-WebSocket-Key",
  "11.3.2": "Sec-WebSocket-Extensions",
  "11.3.3": "Sec-WebSocket-Accept",
  "11.3.4": "Sec-WebSocket-Protocol",
  "11.3.5": "Sec-WebSocket-Version",
  "11.4": "WebSocket Extension Name Registry",
  "11.5": "WebSocket Subprotocol Name Registry",
  "11.6": "WebSocket Version Number Registry",
  "11.7": "WebSocket Close Code Number Registry",
  "11.8": "WebSocket Opcode Registry",
  "11.9": "WebSocket Framing Header Bits Registry",
};

const DEFLATE: Readonly<Record<string, string>> = {
  "1": "Introduction",
  "2": "Conformance Requirements and Terminology",
  "3": "Complementary Terminology",
  "4": "WebSocket Per-Message Compression Extension",
  "5": "Extension Negotiation",
  "5.1": "General Negotiation Flow",
  "5.2": "Negotiation Example",
  "6": "Framing",
  "6.1": "Compression",
  "6.2": "Decompression",
  "7": 'The "permessage-deflate" Extension',
  "7.1": "Extension Parameters",
  "7.1.1": "Context Takeover Control",
  "7.1.1.1": 'The "server_no_context_takeover" Extension Parameter',
  "7.1.1.2": 'The "client_no_context_takeover" Extension Parameter',
  "7.1.2": "Limiting the LZ77 Sliding Window Size",
  "7.1.2.1": 'The "server_max_window_bits" Extension Parameter',
  "7.1.2.2": 'The "client_max_window_bits" Extension Parameter',
  "7.1.3": "Examples",
  "7.2": "Message Payload Transformation",
  "7.2.1": "Compression",
  "7.2.2": "Decompression",
  "7.2.3": "Examples",
  "7.2.3.1": "A Message Compressed Using One Compressed DEFLATE Block",
  "7.2.3.2": "Sharing LZ77 Sliding Window",
  "7.2.3.3": "Using a DEFLATE Block with No Compression",
  "7.2.3.4": 'Using a DEFLATE Block with "BFINAL" Set to 1',
  "7.2.3.5": "Two DEFLATE Blocks in One Message",
  "7.2.3.6": "Generating an Empty Fragment",
  "7.3": "Implementation Notes",
  "8": "Security Considerations",
  "9": "IANA Considerations",
};

const HTTP2_WEBSOCKET: Readonly<Record<string, string>> = {
  "1": "Introduction",
  "2": "Terminology",
  "3": "The SETTINGS_ENABLE_CONNECT_PROTOCOL SETTINGS Parameter",
  "4": "The Extended CONNECT Method",
  "5": "Using Extended CONNECT to Bootstrap the WebSocket Protocol",
  "5.1": "Example",
  "6": "Design Considerations",
  "7": "About Intermediaries",
  "8": "Security Considerations",
  "9": "IANA Considerations",
};

/** The sections of HTTP/2 that WebSockets over it lean on. */
const HTTP2: Readonly<Record<string, string>> = {
  "4.2": "Frame Size",
  "4.3": "Field Section Compression and Decompression",
  "5.1": "Stream States",
  "5.2": "Flow Control",
  "5.4": "Error Handling",
  "6.1": "DATA",
  "6.4": "RST_STREAM",
  "6.5.3": "Settings Synchronization",
  "6.7": "PING",
  "6.8": "GOAWAY",
  "6.9": "WINDOW_UPDATE",
  "6.9.1": "The Flow-Control Window",
  "6.9.2": "Initial Flow-Control Window Size",
  "6.10": "CONTINUATION",
  "8.1.1": "Malformed Messages",
  "8.2.2": "Connection-Specific Header Fields",
  "8.3": "HTTP Control Data",
  "8.3.1": "Request Pseudo-Header Fields",
  "8.5": "The CONNECT Method",
  "10.5": "Denial-of-Service Considerations",
  "10.5.1": "Limits on Field Block Size",
};

/** The documents that are cited with their number in front. */
const CITED = { 7692: DEFLATE, 8441: HTTP2_WEBSOCKET, 9113: HTTP2 } as const;

/** A section of a standard. */
export interface Section {
  /** Number of the RFC. */
  readonly rfc: 6455 | 7692 | 8441 | 9113;

  /** Number of the section within the RFC. */
  readonly number: string;

  /** Title of the section. */
  readonly title: string;

  /** URL of the text. */
  readonly url: string;
}

/**
 * Finds the section that a citation stands for.
 *
 * @param cited `"5.5.1"` (RFC 6455), `"7692:7.2.1"` or `"8441:5"`.
 * @returns The section; `undefined` if there is none of that number.
 */
export function findSection(cited: string): Section | undefined {
  const [document, number] = cited.includes(":") ? cited.split(":") : ["6455", cited];
  const titles = document === "6455" ? WEBSOCKET : CITED[document as unknown as keyof typeof CITED];
  if (number === undefined || !titles || !Object.hasOwn(titles, number)) return undefined;
  const rfc = Number(document) as Section["rfc"];
  const url = `https://www.rfc-editor.org/rfc/rfc${rfc}#section-${number}`;
  return { rfc, number, title: titles[number]!, url };
}
