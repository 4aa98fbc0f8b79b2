/**
 * The page's script, first part: shared functions, and the panel with one case.
 *
 * Text from the data only becomes text nodes and attributes, never markup.
 *
 * @module
 */

/** JavaScript for browsers, as text: it runs in the page, not here. */
export const DETAIL_SCRIPT: string = String.raw`
const $ = (id) => document.getElementById(id);
const { agents, sections, cases, details } = JSON.parse($("data").textContent);

const VERDICTS = {
  f: { name: "fail", mark: "✗", title: "Failed" },
  t: { name: "timeout", mark: "⏱", title: "Timed out" },
  w: { name: "warn", mark: "!", title: "Warned" },
  s: { name: "skip", mark: "–", title: "Skipped" },
  p: { name: "pass", mark: "✓", title: "Passed" },
  "-": { name: "none", mark: "·", title: "Not played" },
};

/** Makes an element. Attributes that are null or false are omitted, except those of ARIA. */
function make(tag, attributes, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    const said = name.startsWith("aria-");
    if (value === null || value === undefined || (value === false && !said)) continue;
    node.setAttribute(name, value === true && !said ? "" : String(value));
  }
  for (const child of children) if (child !== null && child !== "") node.append(child);
  return node;
}

/** Escapes invisible characters, and those that change the reading direction. */
function clean(text) {
  return text.replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu, (character) => {
    const code = character.codePointAt(0).toString(16);
    const short = { "\n": "\\n", "\r": "\\r", "\t": "\\t" }[character];
    return short || (code.length > 2 ? "\\u{" + code + "}" : "\\x" + code.padStart(2, "0"));
  });
}

function time(ms) {
  if (ms < 1000) return Math.round(ms) + " ms";
  if (ms < 59950) return (ms / 1000).toFixed(1) + " s";
  const seconds = Math.round(ms / 1000);
  return Math.floor(seconds / 60) + " min " + (seconds % 60) + " s";
}

function octets(size) {
  if (size < 10000) return size + " B";
  return size < 1e6 ? (size / 1024).toFixed(1) + " KiB" : (size / 1048576).toFixed(1) + " MiB";
}

/** Returns the behaviour of an id as a sentence. */
function sentence(id) {
  const words = clean(id.slice(id.indexOf("/") + 1)).replace(/-/g, " ")
    .replace(/\b(rsv\d?|tcp|http|tls|bom|ascii|json|html|pdf)\b/g, (word) => word.toUpperCase())
    .replace(/\butf 8\b/g, "UTF-8");
  return words.charAt(0).toUpperCase() + words.slice(1);
}

function cite(section) {
  return (section.rfc === 6455 ? "" : section.rfc + " ") + section.number;
}

/** Decompresses the details of a case. */
async function unpack(at) {
  const packed = Uint8Array.from(atob(details[at]), (character) => character.charCodeAt(0));
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"));
  return JSON.parse(await new Response(stream).text());
}

function badge(letter) {
  const { name, mark, title } = VERDICTS[letter];
  return make("span", { class: "badge " + name }, make("b", { "aria-hidden": true }, mark), title);
}

/** Returns the panel: the requirement of a case, and the result of one agent. */
function panelOf(at, agent, found) {
  const row = cases[at];
  const section = sections[row.section];
  const source = "RFC " + section.rfc + ", " + section.number + " " + section.title;
  const parts = [
    make("nav", { class: "steps", "aria-label": "Cases" },
      make("button", { type: "button", "data-step": -1, title: "The case before" }, "↑ Previous"),
      make("button", { type: "button", "data-step": 1, title: "The case after" }, "↓ Next"),
      make("button", { type: "button", "data-close": true, title: "Close (Esc)" }, "Close ✕")),
    make("p", { class: "source" },
      section.url
        ? make("a", { href: section.url, target: "_blank", rel: "noopener noreferrer" }, source)
        : source),
    make("h2", { id: "panel-title" }, sentence(row.id)),
    make("p", { class: "asked" }, clean(row.requirement), "."),
    make("p", { class: "tags" },
      make("span", { class: "tag" }, row.level.toUpperCase()),
      row.autobahn.length > 0
        ? make("span", { class: "tag" }, "Autobahn " + clean(row.autobahn.join(", ")))
        : null,
      make("code", { class: "id" }, clean(row.id))),
  ];
  if (agents.length > 1) {
    parts.push(make("div", { class: "tabs", role: "group", "aria-label": "Agents" },
      ...agents.map((one, place) =>
        make("button", {
          type: "button",
          "data-agent": place,
          "aria-pressed": place === agent,
          class: VERDICTS[row.verdicts[place]].name,
          title: VERDICTS[row.verdicts[place]].title,
        }, make("b", {}, VERDICTS[row.verdicts[place]].mark), make("bdi", {}, clean(one.name))))));
  }
  parts.push(make("div", { class: "verdict" }, badge(row.verdicts[agent]),
    found ? make("span", {}, "in " + time(found.ms)) : null));
  if (found) parts.push(...foundOf(found));
  if (found && found.dump) parts.push(...reproOf(row.id, found.dump, agents[agent].subject));
  return parts;
}

function foundOf({ notes, expected, got, ending, extensions, sent, received, wire }) {
  // The note of a violation is what came, followed by the section that is violated.
  const violation = notes.find((note) => expected && note.startsWith(got + " ("));
  const shown = [violation, expected ? got : null, "Expected " + expected + ", got " + got];
  const rest = notes.filter((note) => !shown.includes(note));
  const pair = (name, value, kind) => [
    make("dt", {}, name),
    make("dd", { class: kind }, make("bdi", {}, clean(value))),
  ];
  const code = ending.code === null
    ? "no Close frame from the peer"
    : ending.code === 1005 ? "Close without a code" : "Close " + ending.code;
  const by = { judge: "the judge closed first", peer: "the peer closed first" }[ending.closedBy];
  const end = [code + (ending.reason ? " " + JSON.stringify(ending.reason) : ""), by,
    ending.clean ? "clean" : "not clean"].filter(Boolean).join(", ");
  return [
    ...rest.map((note) => make("p", { class: "note" }, clean(note))),
    make("dl", {},
      ...(expected ? pair("Expected", expected, "expected") : []),
      ...(got && expected ? pair("Came", violation || got, "got") : []),
      ...pair("Ending", end),
      ...(extensions ? pair("Extensions", extensions) : []),
      ...pair("On the wire", octets(sent) + " sent, " + octets(received) + " received")),
    make("h3", {}, "Wire log",
      make("span", { class: "legend" }, make("span", {}, "ms"),
        make("span", { class: "judge" }, "→ judge"), make("span", { class: "peer" }, "← peer"),
        make("span", { class: "h" }, "header"), make("span", { class: "m" }, "mask"),
        make("span", {}, "payload"))),
    wire.length > 0
      ? make("ol", { class: "wire" }, ...wire.map(entryOf))
      : make("p", { class: "soft" }, "Nothing went over the wire."),
  ];
}

/** Returns how to play a case again: commands to copy, and the case as text. */
function reproOf(id, dump, subject) {
  const command = "npx isosocket judge repro " + id;
  const commands = subject === "server"
    ? [command, command + " --node --output repro.mjs", command + " --python --output repro.py"]
    : [command];
  return [
    make("h3", {}, "Reproduce it"),
    ...commands.map((one) => make("code", { class: "command" }, one)),
    make("details", { class: "dump" },
      make("summary", {}, "What the judge sends, and expects"),
      make("pre", {}, dump.split("\n").map(clean).join("\n"))),
  ];
}

const CHIPS = { http: "HTTP", bytes: "Octets", tcp: "TCP", gap: "…" };

function entryOf({ at, from, what, text, size, hex, frame }) {
  const name = /^(Continuation|Text|Binary|Close|Ping|Pong|Opcode \d+)( |$)/.exec(text);
  const chip = frame && name ? name[1] : CHIPS[what] || "Frame";
  const kind = frame ? frame.opcode >= 8 ? "control" : "data" : what;
  const lines = what === "http" ? text.replace(/(\r\n)+$/, "").split("\r\n") : [];
  const words = what === "http"
    ? make("pre", {}, lines.map(clean).join("\n"))
    : make("span", { class: "words" }, clean(frame && name ? text.slice(name[0].length) : text));
  return make("li", { class: what === "gap" ? "gap" : from },
    make("span", { class: "at" }, what === "gap" ? "" : at.toFixed(1)),
    make("span", { class: "way", title: from === "judge" ? "The judge" : "The peer" },
      what === "gap" ? "" : from === "judge" ? "→" : "←"),
    make("div", { class: "what" },
      make("span", { class: "chip " + kind }, chip), what === "http" ? null : words,
      size > 0 ? make("small", {}, octets(size)) : null, what === "http" ? words : null,
      hex ? hexOf(hex, size, frame) : null));
}

/** Returns the octets, with the header and the masking key marked. */
function hexOf(hex, size, frame) {
  const bytes = hex.match(/../g) || [];
  let header = 0;
  let mask = 0;
  if (frame && bytes.length > 1) {
    const form = parseInt(bytes[1], 16) & 0x7f;
    header = 2 + (form === 126 ? 2 : form === 127 ? 8 : 0);
    mask = frame.masked ? 4 : 0;
  }
  const part = (begin, end, kind) => {
    const text = bytes.slice(begin, end).join(" ");
    return text ? make("span", { class: kind }, text) : null;
  };
  return make("code", { class: "hex" },
    part(0, header, "h"), part(header, header + mask, "m"), part(header + mask, undefined, "d"),
    size > bytes.length ? make("span", { class: "more" }, "… " + octets(size) + " in all") : null);
}
`;
