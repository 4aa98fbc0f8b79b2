/**
 * Five bodies of data that compress differently, made on the spot from a fixed seed.
 *
 * @module
 */

/** What there is: three texts, and two kinds of binary. */
export type CorpusName = "json" | "bitmap" | "prose" | "html" | "packed";

/** How much of each is made: characters of text, bytes of binary. As large as what Autobahn uses. */
const SIZE = 256 * 1024;

const WORDS =
  ("Straße über alle Berge und Täler lag der Schnee als wir am Abend die Hütte erreichten " +
    "niemand sprach ein Wort bis der Alte das Feuer schürte und von früher zu erzählen begann")
    .split(" ");

/** A generator of numbers below 2³², always the same for the same seed. */
export function random(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0; // mulberry32
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (mixed ^ (mixed >>> 14)) >>> 0;
  };
}

const MAKERS: Readonly<Record<CorpusName, () => string | Uint8Array>> = {
  json: () => {
    const next = random(1);
    let text = "[";
    for (let id = 0; text.length < SIZE; id++) {
      const name = WORDS[next() % 8]!.replaceAll(/[^a-z]/gi, "");
      text += `{"id":${id},"name":"${name}","score":${
        next() % 1000
      },"tags":["a","b"],"active":true},`;
    }
    return text.slice(0, SIZE);
  },
  html: () => {
    const next = random(2);
    let text = "<!doctype html><table>";
    while (text.length < SIZE) {
      text += `<tr class="row"><td>${WORDS[next() % WORDS.length]!}</td><td>${
        next() % 100
      } €</td></tr>\n`;
    }
    return text.slice(0, SIZE);
  },
  prose: () => {
    const next = random(3);
    let text = "";
    while (text.length < SIZE) text += WORDS[next() % WORDS.length]! + (next() % 9 ? " " : ". ");
    return new TextEncoder().encode(text).slice(0, SIZE);
  },
  bitmap: () => {
    const next = random(4);
    const bytes = new Uint8Array(SIZE);
    for (let at = 0; at < SIZE;) {
      const run = 1 + (next() % 64);
      bytes.fill(next() & 0xf0, at, at + run);
      at += run;
    }
    return bytes;
  },
  packed: () => {
    const next = random(5);
    return Uint8Array.from({ length: SIZE }, () => next());
  },
};

const made = new Map<CorpusName, string | Uint8Array>();
const windows = new Map<string, Uint8Array>();
const encoder = new TextEncoder();

/** Stretches of at least this size are made once and then kept: at most SIZE bytes of each size. */
const KEPT_FROM = 1024;

/**
 * The stretch of a corpus that the message of a round carries, wrapping at the end.
 *
 * @param size Characters for a text corpus (cut between characters), bytes for a binary one.
 */
export function windowOf(name: CorpusName, size: number, round: number): Uint8Array {
  const from = (round * size) % SIZE;
  if (size < KEPT_FROM || SIZE % size !== 0) return cut(name, size, from);
  const key = `${name}:${size}:${from}`;
  const known = windows.get(key) ?? cut(name, size, from);
  windows.set(key, known);
  return known;
}

function cut(name: CorpusName, size: number, from: number): Uint8Array {
  let whole = made.get(name);
  if (whole === undefined) made.set(name, whole = MAKERS[name]());
  const wraps = from + size - SIZE;
  if (typeof whole === "string") {
    const tail = wraps > 0 ? whole.slice(0, wraps) : "";
    return encoder.encode(whole.slice(from, from + size) + tail);
  }
  if (wraps <= 0) return whole.subarray(from, from + size);
  const bytes = new Uint8Array(size);
  bytes.set(whole.subarray(from));
  bytes.set(whole.subarray(0, wraps), size - wraps);
  return bytes;
}
