/**
 * Five corpora that compress differently, generated from fixed seeds.
 *
 * @module
 */

/** Name of a corpus: two texts, one text as binary, and two kinds of binary data. */
export type CorpusName = "json" | "bitmap" | "prose" | "html" | "packed";

/** Number of characters of text, or bytes of binary data: as large as the corpora of Autobahn. */
const SIZE = 256 * 1024;

const WORDS = "Berge Täler Schnee Abend Hütte Wort Feuer Straße".split(" ");

const SENTENCES = [
  "Über Nacht war der erste Schnee gefallen, und das Tal lag still. ",
  "Niemand hatte ihn so früh erwartet. ",
  "Der alte Müller stieg langsam die Treppe hinauf und öffnete das Fenster. ",
  "Von den Bergen her wehte ein kühler Wind. ",
  "Im Stall rief eine Kuh, und weit unten schlug die Glocke der kleinen Kirche. ",
  "„Heute fahren wir nicht“, sagte er zu sich selbst. ",
  "Später kamen die Kinder mit ihren Schlitten und lachten, dass man es bis ins Dorf hörte. ",
  "Die Mühle aber blieb den ganzen Tag geschlossen. ",
];

/** Returns a generator of numbers below 2³², always the same for the same seed. */
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
  // Records that differ in a few places: takes about a twentieth when compressed.
  json: () => {
    const next = random(1);
    let text = "[";
    for (let id = 1000; text.length < SIZE; id++) {
      const name = WORDS[next() % WORDS.length]!.replaceAll(/[^a-z]/gi, "");
      text += `{"id":${id},"name":"${name}","kind":"measurement","source":{"station":"north",` +
        `"sensor":"temperature","unit":"celsius"},"value":${next() % 1000},` +
        `"tags":["checked","public"],"active":true,"comment":null},`;
    }
    return text.slice(0, SIZE);
  },
  // Short rows, and characters of several bytes.
  html: () => {
    const next = random(2);
    let text = "<!doctype html><table>";
    while (text.length < SIZE) {
      text += `<tr class="row"><td class="place">${WORDS[next() % WORDS.length]!}</td>` +
        `<td class="price">${next() % 100} €</td></tr>\n`;
    }
    return text.slice(0, SIZE);
  },
  // Sentences that repeat at distances beyond a small window.
  prose: () => {
    const next = random(3);
    let text = "";
    while (text.length < SIZE) text += SENTENCES[next() % SENTENCES.length]!;
    return new TextEncoder().encode(text).slice(0, SIZE);
  },
  // Lines of 512 grey points, each almost like the one above.
  bitmap: () => {
    const next = random(4);
    const bytes = new Uint8Array(SIZE);
    for (let line = 0; line < SIZE; line += 512) {
      if (line > 0) bytes.copyWithin(line, line - 512, line);
      for (let stroke = 0; stroke < 2; stroke++) {
        const from = next() % 512;
        bytes.fill(next() & 0xf0, line + from, line + Math.min(512, from + next() % 64));
      }
    }
    return bytes;
  },
  // As in a file of many packed parts: some that cannot get smaller, and headers that can.
  packed: () => {
    const next = random(5);
    const header = new TextEncoder().encode("<< /Length 224 /Filter /Packed >> ".repeat(25));
    const bytes = new Uint8Array(SIZE);
    for (let part = 0; part < SIZE; part += 1024) {
      bytes.set(header.subarray(0, 800), part);
      for (let at = part + 800; at < part + 1024; at++) bytes[at] = next();
    }
    return bytes;
  },
};

const made = new Map<CorpusName, string | Uint8Array>();
const windows = new Map<string, Uint8Array>();
const encoder = new TextEncoder();

/** Smallest window that is cached: at most SIZE bytes are kept for each window size. */
const CACHED_FROM = 1024;

/**
 * Returns the part of a corpus that the message of a round carries, wrapping at the end.
 *
 * @param size Number of characters (text corpora, cut between characters) or bytes (binary
 * corpora).
 */
export function windowOf(name: CorpusName, size: number, round: number): Uint8Array {
  const from = (round * size) % SIZE;
  if (size < CACHED_FROM || SIZE % size !== 0) return cut(name, size, from);
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
