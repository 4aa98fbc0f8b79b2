/**
 * The compression of header fields in HTTP/2 (HPACK, RFC 7541): written without any, read whole.
 *
 * @module
 */

import { MAX_HEAD } from "../head.ts";
import { join } from "../octets.ts";
import { decodeHuffman } from "./huffman.ts";

/** A header field: its name, in lower case, and its value. */
export type Field = readonly [name: string, value: string];

/** Error thrown when a block of fields cannot be read: COMPRESSION_ERROR. */
export class BadFields extends Error {
  /** The name of the class. */
  override readonly name = "BadFields";
}

/** The static table (appendix A), `name` or `name=value`, from index 1. */
const STATIC: readonly Field[] =
  (":authority|:method=GET|:method=POST|:path=/|:path=/index.html|:scheme=http|:scheme=https|" +
    ":status=200|:status=204|:status=206|:status=304|:status=400|:status=404|:status=500|" +
    "accept-charset|accept-encoding=gzip, deflate|accept-language|accept-ranges|accept|" +
    "access-control-allow-origin|age|allow|authorization|cache-control|content-disposition|" +
    "content-encoding|content-language|content-length|content-location|content-range|" +
    "content-type|cookie|date|etag|expect|expires|from|host|if-match|if-modified-since|" +
    "if-none-match|if-range|if-unmodified-since|last-modified|link|location|max-forwards|" +
    "proxy-authenticate|proxy-authorization|range|referer|refresh|retry-after|server|set-cookie|" +
    "strict-transport-security|transfer-encoding|user-agent|vary|via|www-authenticate")
    .split("|").map((entry) => {
      const [name, value = ""] = entry.split("=");
      return [name!, value];
    });

/** Size of the dynamic table in octets, which nobody has changed. */
const TABLE_SIZE = 4096;

/** Octets that each entry counts beside its name and value (4.1). */
const ENTRY_SIZE = 32;

const latin1 = new TextDecoder("latin1");

/** Writes fields as literals, which are never indexed (6.2.2): any name and value can be written. */
export function encodeFields(fields: readonly Field[]): Uint8Array {
  return join([
    new Uint8Array(0),
    ...fields.flatMap(([name, value]) => [
      Uint8Array.of(0),
      encodeString(name),
      encodeString(value),
    ]),
  ]);
}

function encodeString(text: string): Uint8Array {
  const octets = Uint8Array.from(text, (character) => character.charCodeAt(0));
  return join([encodeInteger(octets.length), octets]);
}

/** Writes an integer with a prefix of seven bits (5.1). */
function encodeInteger(value: number): Uint8Array {
  if (value < 127) return Uint8Array.of(value);
  const octets = [127];
  for (value -= 127; value >= 128; value >>>= 7) octets.push(value & 127 | 128);
  return Uint8Array.of(...octets, value);
}

/** Reads the fields of one direction of a connection, and keeps its table. */
export class FieldsReader {
  #table: Field[] = [];
  #limit = TABLE_SIZE;
  #octets: Uint8Array = new Uint8Array(0);
  #at = 0;

  /**
   * Reads a whole block.
   *
   * @throws {BadFields} If it is malformed.
   */
  read(block: Uint8Array): Field[] {
    this.#octets = block;
    this.#at = 0;
    const fields: Field[] = [];
    let size = 0;
    while (this.#at < block.length) {
      const first = block[this.#at]!;
      if (first & 0x80) fields.push(this.#entry(this.#integer(7)));
      else if (first & 0x40) {
        const field = this.#literal(6);
        fields.push(field);
        this.#table.unshift(field);
        this.#evict();
      } else if (first & 0x20) {
        this.#limit = Math.min(this.#integer(5), TABLE_SIZE);
        this.#evict();
      } else fields.push(this.#literal(4));
      // A name in the table costs one octet: a short block may have endless fields (7.2).
      const [name, value] = fields.at(-1) ?? ["", ""];
      size += name.length + value.length;
      if (size > MAX_HEAD) throw new BadFields(`They are larger than ${MAX_HEAD} octets`);
    }
    return fields;
  }

  #literal(prefix: number): Field {
    const index = this.#integer(prefix);
    const name = index === 0 ? this.#string() : this.#entry(index)[0];
    return [name, this.#string()];
  }

  #entry(index: number): Field {
    const field = STATIC[index - 1] ?? this.#table[index - 1 - STATIC.length];
    if (field === undefined) throw new BadFields(`There is no field ${index} in the table`);
    return field;
  }

  #integer(prefix: number): number {
    const most = 2 ** prefix - 1;
    let value = this.#octet() & most;
    if (value < most) return value;
    for (let scale = 1;; scale *= 128) {
      const octet = this.#octet();
      value += (octet & 127) * scale;
      if (octet < 128) return value;
      if (scale > 2 ** 28) throw new BadFields("An integer is too large");
    }
  }

  #string(): string {
    const isCoded = ((this.#octets[this.#at] ?? 0) & 0x80) !== 0;
    const length = this.#integer(7);
    const octets = this.#octets.subarray(this.#at, this.#at += length);
    if (octets.length < length) throw new BadFields("A string is cut");
    const plain = isCoded ? decodeHuffman(octets) : octets;
    if (plain === undefined) throw new BadFields("A string is no Huffman code");
    return latin1.decode(plain);
  }

  #octet(): number {
    const octet = this.#octets[this.#at++];
    if (octet === undefined) throw new BadFields("The block of fields is cut");
    return octet;
  }

  #evict(): void {
    const size = (): number =>
      this.#table.reduce((sum, [name, value]) => sum + name.length + value.length + ENTRY_SIZE, 0);
    while (this.#table.length > 0 && size() > this.#limit) this.#table.pop();
  }
}
