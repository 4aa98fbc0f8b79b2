/**
 * The page's script, second part: the agents, the filter and the matrix.
 *
 * @module
 */

/** JavaScript for browsers, as text: it runs in the page, not here. */
export const MATRIX_SCRIPT: string = String.raw`
const table = $("matrix");
const panel = $("panel");
const haystacks = cases.map((row) =>
  [row.id, row.id.replace(/-/g, " "), row.requirement, sections[row.section].title, row.level,
    "autobahn", ...row.autobahn, ...Object.values(row.notes)].join("\n").toLowerCase());
const several = agents.length > 1;
const state = { query: "", show: "all", toggled: new Set(), at: -1, agent: 0, from: null };
let visible = [];

// The head of the page.

function bar(counts) {
  const node = make("span", { class: "bar", "aria-hidden": true });
  for (const name of ["pass", "warn", "timeout", "fail", "skip"]) {
    if (!counts[name]) continue;
    const part = make("i", { class: name });
    part.style.flexGrow = counts[name];
    node.append(part);
  }
  return node;
}

function cardOf(agent) {
  const { counts } = agent;
  const played = counts.pass + counts.warn + counts.timeout + counts.fail + counts.skip;
  const day = new Date(agent.started);
  const when = Number.isNaN(day.getTime()) ? clean(agent.started) : day.toLocaleString();
  const words = { pass: "passed", warn: "warned", fail: "failed",
    timeout: "timed out", skip: "skipped" };
  return make("article", { class: "card" },
    make("h2", {}, make("bdi", {}, clean(agent.name))),
    make("p", { class: "soft" }, agent.subject + ", ", make("bdi", {}, clean(agent.target))),
    bar(counts),
    make("p", { class: "counts" }, ...Object.entries(words)
      .filter(([name]) => counts[name] > 0 || /pass|fail/.test(name))
      .map(([name, word]) =>
        make("span", { class: counts[name] > 0 ? name : "soft" },
          make("b", {}, String(counts[name])), " " + word))),
    make("p", { class: "soft small" },
      (played < agent.selected ? played + " of " + agent.selected : played) + " cases in " +
        time(agent.ms) + (agent.strict ? ", strict" : "") +
        (agent.seed === null ? "" : ", sampled with seed " + agent.seed)),
    make("p", { class: "soft small" }, when + " · ", make("bdi", {}, clean(agent.runtime))),
    agent.stopped ? make("p", { class: "stopped" }, "Stopped: " + clean(agent.stopped)) : null);
}

$("about").textContent = cases.length + " cases on " + sections.length + " sections of RFC " +
  [...new Set(sections.map(({ rfc }) => rfc))].join(", ") + (several ? ", " + agents.length + " agents side by side" : "") + ".";
$("agents").append(...agents.map(cardOf));
table.style.setProperty("--agents", agents.length);
$("agents").classList.toggle("many", agents.length > 2);
table.classList.toggle("dense", agents.length > 4);

// The filter.

const differs = (row) => new Set(row.verdicts).size > 1;
const kinds = [["all", "All", () => true],
  ...["f", "t", "w", "s", "p"].map((letter) =>
    [VERDICTS[letter].name, VERDICTS[letter].title, (row) => row.verdicts.includes(letter)]),
  ...(several ? [["differ", "Differ", differs]] : [])]
  .map(([name, title, test]) => ({ name, title, test, count: cases.filter(test).length }));

$("verdicts").append(...kinds.map(({ name, title, count }) =>
  make("button", { type: "button", class: name, "data-show": name, disabled: count === 0 },
    title, make("b", {}, String(count)))));

function select() {
  const { test } = kinds.find(({ name }) => name === state.show);
  const words = state.query.toLowerCase().split(/\s+/).filter(Boolean);
  visible = [];
  cases.forEach((row, at) => {
    if (test(row) && words.every((word) => haystacks[at].includes(word))) visible.push(at);
  });
}

/** Whether all sections are open by default: if few cases are left. */
function unfoldsByItself() {
  return (state.query !== "" || state.show !== "all") && visible.length <= 150;
}

// The matrix.

function cellCounts(rows, agent) {
  const counts = { pass: 0, warn: 0, timeout: 0, fail: 0, skip: 0, none: 0 };
  for (const at of rows) counts[VERDICTS[cases[at].verdicts[agent]].name]++;
  return counts;
}

function sectionCell(rows, agent) {
  const counts = cellCounts(rows, agent);
  const played = rows.length - counts.none;
  const worst = ["fail", "timeout", "warn", "pass"].find((name) => counts[name]) ?? "skip";
  const text = played === 0 ? "·" : counts.skip === played ? "–"
    : counts.pass === played ? String(played) : counts.pass + "/" + played;
  const words = Object.entries(counts).filter(([, count]) => count > 0)
    .map(([name, count]) => count + " " + name).join(", ");
  return make("td", { class: "sum " + (played ? worst : "none"), title: words },
    make("span", { class: "number" }, text), played ? bar(counts) : null);
}

function sectionRow(place, rows, open) {
  const section = sections[place];
  const button = make("button", { type: "button", class: "fold", "data-section": place,
    "aria-expanded": open },
    make("span", { class: "num" }, cite(section)), make("span", {}, section.title || "?"),
    make("span", { class: "soft" }, String(rows.length)));
  return make("tr", { class: "section" }, make("th", { scope: "row" }, button),
    ...agents.map((_, agent) => sectionCell(rows, agent)));
}

function caseRow(at) {
  const row = cases[at];
  const note = several ? "" : row.notes[0] || "";
  return make("tr", { class: at === state.at ? "case current" : "case", "data-at": at },
    make("th", { scope: "row" },
      make("button", { type: "button", class: "open", "data-case": at },
        make("span", {}, sentence(row.id)),
        row.level === "should" ? make("small", { class: "tag" }, "should") : null,
        note ? make("span", { class: "why" }, clean(note)) : null)),
    ...agents.map((agent, place) => {
      const { name, mark, title } = VERDICTS[row.verdicts[place]];
      const why = row.notes[place] ? ": " + clean(row.notes[place]) : "";
      return make("td", {}, make("button", { type: "button", class: "cell " + name,
        "data-case": at, "data-agent": place, title: title + why,
        "aria-label": clean(agent.name) + ": " + title }, mark));
    }));
}

const bySection = sections.map(() => []);
cases.forEach((row, at) => bySection[row.section].push(at));

function head() {
  return make("thead", {}, make("tr", {}, make("th", { scope: "col" }, "Section"),
    ...agents.map(({ name, subject }) =>
      make("th", { scope: "col", title: clean(name) + " (" + subject + ")" },
        make("bdi", {}, clean(name))))));
}

function group(place) {
  const shown = visible.filter((at) => cases[at].section === place);
  if (shown.length === 0) return null;
  const open = unfoldsByItself() !== state.toggled.has(place);
  const body = make("tbody", { "data-body": place }, sectionRow(place, bySection[place], open));
  if (open) body.append(...shown.map(caseRow));
  return body;
}

function draw() {
  const parts = [head()];
  let chapter = "";
  sections.forEach((section, place) => {
    const body = group(place);
    if (body === null) return;
    if (section.chapter !== chapter) {
      chapter = section.chapter;
      parts.push(make("tbody", { class: "chapter" }, make("tr", {},
        make("th", { colspan: agents.length + 1, scope: "rowgroup" },
          make("span", {}, chapter)))));
    }
    parts.push(body);
  });
  table.replaceChildren(...(visible.length > 0 ? parts : []));
  $("none").hidden = visible.length > 0;
  for (const button of $("verdicts").children) {
    button.setAttribute("aria-pressed", String(button.dataset.show === state.show));
  }
  name();
}

/** Labels the button that opens or closes every section. */
function name() {
  const folds = [...table.querySelectorAll(".fold")];
  const all = folds.length > 0 && folds.every((fold) => fold.getAttribute("aria-expanded") === "true");
  $("unfold").textContent = all ? "Close all" : "Open all";
  $("unfold").hidden = folds.length === 0;
}

function refresh() {
  state.toggled.clear();
  select();
  draw();
}

function toggle(place) {
  if (!state.toggled.delete(place)) state.toggled.add(place);
  table.querySelector('[data-body="' + place + '"]').replaceWith(group(place));
  name();
}
`;
