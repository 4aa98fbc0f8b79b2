/**
 * The page's script, third part: opening and closing cases, clicks and keys.
 *
 * @module
 */

/** JavaScript for browsers, as text: it runs in the page, not here. */
export const NAVIGATION_SCRIPT: string = String.raw`
// The panel.

function openCase(at, agent) {
  const row = cases[at];
  const worst = ["f", "w", "s", "p"].map((letter) => row.verdicts.indexOf(letter));
  const place = agent ?? worst.find((one) => one >= 0) ?? 0;
  const hash = "#" + encodeURIComponent(row.id) + (several ? "@" + (place + 1) : "");
  if (panel.hidden) location.hash = hash;
  else location.replace(hash);
}

async function sync() {
  const [, id = "", number = "1"] = /^#(.*?)(?:@(\d+))?$/.exec(location.hash) || [];
  let wanted = "";
  try {
    wanted = decodeURIComponent(id);
  } catch { /* no case has such an id */ }
  const at = cases.findIndex((row) => row.id === wanted);
  if (at < 0) return hide();
  state.at = at;
  state.agent = Math.min(agents.length - 1, Math.max(0, Number(number) - 1));
  const { section } = cases[at];
  if (visible.includes(at) && !table.querySelector('tr[data-at="' + at + '"]')) toggle(section);
  for (const row of table.querySelectorAll(".current")) row.classList.remove("current");
  table.querySelector('tr[data-at="' + at + '"]')?.classList.add("current");
  let found = null;
  let trouble = "";
  try {
    found = (await unpack(at))[state.agent];
  } catch (error) {
    trouble = "The details cannot be shown: " + error.message;
  }
  if (state.at !== at) return;
  const inside = !panel.hidden && panel.contains(document.activeElement);
  const focus = inside ? document.activeElement.dataset : null;
  panel.replaceChildren(...panelOf(at, state.agent, found),
    ...(trouble ? [make("p", { class: "note" }, trouble)] : []));
  if (panel.hidden) state.from = document.activeElement;
  const fresh = panel.hidden;
  panel.hidden = false;
  document.body.classList.add("reading");
  panel.scrollTop = 0;
  if (fresh) panel.focus({ preventScroll: true });
  else if (focus) {
    const [key, value] = Object.entries(focus)[0] || [];
    const again = key && panel.querySelector("[data-" + key + '="' + value + '"]');
    (again || panel).focus({ preventScroll: true });
  }
  table.querySelector(".current")?.scrollIntoView({ block: "nearest" });
}

function hide() {
  if (panel.hidden) return;
  panel.hidden = true;
  document.body.classList.remove("reading");
  table.querySelector(".current")?.classList.remove("current");
  const { at, from } = state;
  state.at = -1;
  const row = table.querySelector('tr[data-at="' + at + '"]');
  const back = row?.contains(from) ? from : row?.querySelector(".open") || from;
  back?.focus({ preventScroll: true });
}

function close() {
  history.replaceState(null, "", location.pathname + location.search);
  hide();
}

function step(by) {
  const place = visible.indexOf(state.at);
  const at = visible[place < 0 ? 0 : Math.min(visible.length - 1, Math.max(0, place + by))];
  if (at !== undefined) openCase(at, several ? state.agent : undefined);
}

// Clicks and keys.

table.addEventListener("click", ({ target }) => {
  const button = target.closest("button");
  if (!button) return;
  const { section, case: at, agent } = button.dataset;
  if (section !== undefined) {
    toggle(Number(section));
    table.querySelector('[data-section="' + section + '"]').focus();
  } else openCase(Number(at), agent === undefined ? undefined : Number(agent));
});

panel.addEventListener("click", ({ target }) => {
  const { step: by, agent, close: closes } = target.closest("button")?.dataset || {};
  if (closes !== undefined) close();
  if (by !== undefined) step(Number(by));
  if (agent !== undefined) openCase(state.at, Number(agent));
});

$("query").addEventListener("input", ({ target }) => {
  state.query = target.value.trim();
  refresh();
});

$("tools").addEventListener("submit", (event) => event.preventDefault());

$("verdicts").addEventListener("click", ({ target }) => {
  const { show } = target.closest("button")?.dataset || {};
  if (show) state.show = show;
  refresh();
});

$("reset").addEventListener("click", () => {
  state.query = $("query").value = "";
  state.show = "all";
  refresh();
  $("query").focus();
});

$("unfold").addEventListener("click", () => {
  const opens = $("unfold").textContent === "Open all";
  state.toggled.clear();
  if (opens !== unfoldsByItself()) sections.forEach((_, place) => state.toggled.add(place));
  draw();
});

function moveInTable(event) {
  const row = event.target.closest("tr");
  const buttons = [...row.querySelectorAll("button")];
  const column = buttons.indexOf(event.target);
  const sideways = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
  if (sideways) return buttons[column + sideways]?.focus();
  const rows = [...table.querySelectorAll("tr")].filter((one) => one.querySelector("button"));
  const next = rows[rows.indexOf(row) + (event.key === "ArrowDown" ? 1 : -1)];
  const there = next ? [...next.querySelectorAll("button")] : [];
  const target = there[column] || there[0];
  target?.focus();
  if (!panel.hidden && target?.dataset.case !== undefined) target.click();
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const { key, target } = event;
  const typing = target.id === "query";
  if (key === "Escape") {
    if (!panel.hidden) close();
    else if (typing && state.query) $("reset").click();
  } else if (key === "/" && !typing) {
    $("query").focus();
    $("query").select();
  } else if (!key.startsWith("Arrow")) {
    return;
  } else if (table.contains(target) && target.tagName === "BUTTON") {
    moveInTable(event);
  } else if (typing && key === "ArrowDown") {
    table.querySelector("button")?.focus();
  } else if (panel.contains(target) && several && /Left|Right/.test(key)) {
    const by = key === "ArrowLeft" ? -1 : 1;
    openCase(state.at, (state.agent + by + agents.length) % agents.length);
  } else {
    return;
  }
  event.preventDefault();
});

new ResizeObserver(() => {
  document.body.style.setProperty("--tools", $("tools").offsetHeight + "px");
}).observe($("tools"));
addEventListener("hashchange", sync);
select();
draw();
sync();
`;
