/**
 * The style of the page: light and dark, wide and narrow.
 *
 * @module
 */

/** CSS, as text. */
export const STYLE: string = String.raw`
:root {
  --paper: #f6f5f1; --card: #fffefb; --ink: #1d1c1a; --soft: #65625b; --line: #e2dfd7;
  --hover: #efede6; --accent: #2f55a4; --shade: 0 8px 40px rgb(40 35 20 / 14%);
  --pass: #1c7048; --pass-bg: #e0f1e6; --warn: #8a5700; --warn-bg: #fbebc8;
  --fail: #b42323; --fail-bg: #fbdfdb; --skip: #65625b; --skip-bg: #ebe9e2;
  --pass-fill: #4aa278; --warn-fill: #e2a733; --fail-fill: #d2483f; --skip-fill: #cfcbc1;
  --judge: #2b5aa8; --peer: #87359b; --mono: ui-monospace, "SF Mono", "Cascadia Mono", Menlo,
    Consolas, "DejaVu Sans Mono", monospace;
  color-scheme: light dark; accent-color: var(--accent);
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #131416; --card: #1b1d20; --ink: #e8e6e1; --soft: #a09d96; --line: #2e3135;
    --hover: #23262a; --accent: #8fb0f5; --shade: 0 8px 40px rgb(0 0 0 / 60%);
    --pass: #74cf9c; --pass-bg: #173324; --warn: #efbd62; --warn-bg: #3a2c10;
    --fail: #ff9087; --fail-bg: #431d1c; --skip: #a09d96; --skip-bg: #292b2f;
    --pass-fill: #4fa67a; --warn-fill: #dca540; --fail-fill: #ea6a60; --skip-fill: #4b4e54;
    --judge: #8db4f7; --peer: #d9a0ea;
  }
}
* { box-sizing: border-box; }
[hidden] { display: none !important; }
html { scroll-padding-top: 8rem; }
body { margin: 0 auto; max-width: 1320px; padding: 0 clamp(12px, 3vw, 36px) 40px;
  background: var(--paper); color: var(--ink); font: 15px/1.5 system-ui, sans-serif;
  overflow-wrap: anywhere; -webkit-text-size-adjust: 100%; }
bdi { unicode-bidi: isolate; }
h1, h2, h3, p { margin: 0; text-wrap: pretty; }
h1 { font-size: clamp(1.5rem, 4vw, 2rem); letter-spacing: -.02em; line-height: 1.2; }
button, input { font: inherit; color: inherit; }
button { background: none; border: 0; padding: 0; cursor: pointer; text-align: inherit; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; border-radius: 4px; }
kbd { font: .8em var(--mono); border: 1px solid var(--line); border-bottom-width: 2px;
  border-radius: 4px; padding: .1em .4em; color: var(--soft); background: var(--card); }
.soft { color: var(--soft); } .small { font-size: .86rem; }
.pass { color: var(--pass); } .warn { color: var(--warn); }
.fail, .timeout { color: var(--fail); }
.skip, .none { color: var(--skip); }
.top { padding: clamp(20px, 4vw, 40px) 0 16px; } .top p { color: var(--soft); }

#agents { display: grid; gap: 12px; grid-template-columns: repeat(auto-fit, minmax(min(270px, 100%), 1fr)); }
.card { background: var(--card); border: 1px solid var(--line); border-radius: 12px; padding: 14px 16px;
  min-width: 0; }
.card h2 { font-size: 1.05rem; line-height: 1.3; }
.card p.soft { font-size: .86rem; }
.bar { display: flex; gap: 2px; height: 6px; border-radius: 3px; overflow: hidden; }
.bar i { min-width: 3px; flex-basis: 0; }
.bar .pass { background: var(--pass-fill); } .bar .warn { background: var(--warn-fill); }
.bar .fail, .bar .timeout { background: var(--fail-fill); } .bar .skip { background: var(--skip-fill); }
.card .bar { margin: 10px 0 8px; height: 8px; border-radius: 4px; }
.counts { display: flex; flex-wrap: wrap; gap: 2px 14px; margin-bottom: 4px; }
.counts b { font-variant-numeric: tabular-nums; }
.stopped { margin-top: 8px; padding: 6px 10px; border-radius: 6px; background: var(--fail-bg);
  color: var(--fail); font-size: .9rem; }

#tools { position: sticky; top: 0; z-index: 3; display: flex; flex-wrap: wrap; gap: 8px 12px;
  align-items: center; padding: 12px 0; margin-top: 12px; background: var(--paper); }
.search { position: relative; flex: 1 1 300px; }
.search input { width: 100%; padding: 8px 40px 8px 12px; border: 1px solid var(--line);
  border-radius: 9px; background: var(--card); }
.search input::placeholder { color: var(--soft); opacity: 1; }
.search kbd { position: absolute; right: 10px; top: 50%; translate: 0 -50%; }
.search input:focus + kbd { display: none; }
#verdicts { display: flex; flex-wrap: wrap; gap: 6px; }
#verdicts button, #unfold, #reset { padding: 5px 11px; border: 1px solid var(--line);
  border-radius: 99px; background: var(--card); font-size: .9rem; white-space: nowrap; }
#verdicts b { margin-left: 6px; font-variant-numeric: tabular-nums; }
#verdicts button:hover:not(:disabled), #unfold:hover { border-color: var(--soft); }
#verdicts button:disabled { opacity: .5; cursor: default; }
#verdicts [aria-pressed="true"] { background: var(--ink); border-color: var(--ink); color: var(--paper); }
#unfold { min-width: 88px; text-align: center; }

table { width: 100%; border-collapse: separate; border-spacing: 0; table-layout: fixed; }
th { text-align: left; font-weight: inherit; padding: 0; }
thead th { position: sticky; top: var(--tools, 62px); z-index: 2; background: var(--paper); padding: 6px 8px;
  color: var(--soft); font-size: .82rem; line-height: 1.25; vertical-align: bottom;
  border-bottom: 1px solid var(--line); }
thead th + th { width: clamp(48px, min(100vw, 1320px) * .58 / var(--agents), 150px); text-align: center; }
thead th + th bdi { display: -webkit-box; -webkit-box-orient: vertical; -webkit-line-clamp: 3; overflow: hidden; }
.chapter th { padding: 22px 8px 6px; font-size: .78rem; letter-spacing: .05em; text-transform: uppercase;
  color: var(--soft); font-weight: 600; }
tbody td { padding: 3px; }
tbody tr > * { border-bottom: 1px solid var(--line); }
.chapter tr > * { border-bottom-width: 0; }
.fold, .open { display: flex; width: 100%; gap: 10px; align-items: baseline; padding: 9px 8px; }
tr:hover > th { background: var(--hover); }
.fold { font-weight: 600; hyphens: auto; }
.fold::before { content: ""; flex: none; align-self: center; width: 7px; height: 7px;
  border: solid var(--soft); border-width: 0 2px 2px 0; rotate: -45deg; transition: rotate .12s; }
.fold[aria-expanded="true"]::before { rotate: 45deg; }
.fold .num, .fold .soft { flex: none; white-space: nowrap; }
.fold .num { font-family: var(--mono); font-size: .9em; color: var(--soft); font-weight: 400; }
.fold .soft { font-weight: 400; font-size: .86rem; margin-left: auto; padding-left: 8px; }
.sum { text-align: center; padding: 5px 10px; font-variant-numeric: tabular-nums; }
table button:focus-visible { outline-offset: -2px; }
.sum .number { display: block; white-space: nowrap; font-size: .92rem; font-weight: 600; line-height: 1.4; }
.sum .bar { height: 4px; }
.open { padding: 6px 8px 6px 28px; flex-wrap: wrap; gap: 2px 8px; font-size: .94rem; }
.open .why { flex-basis: 100%; color: var(--soft); font-size: .86rem; }
.cell { display: block; width: 100%; height: 28px; text-align: center; border-radius: 6px; font-weight: 700; }
.cell.pass { font-weight: 400; }
.cell:hover { box-shadow: inset 0 0 0 2px currentColor; }
.cell.pass, .badge.pass { background: var(--pass-bg); }
.cell.warn, .badge.warn, .sum.warn .number { background: var(--warn-bg); }
.cell.fail, .badge.fail, .sum.fail .number,
.cell.timeout, .badge.timeout, .sum.timeout .number { background: var(--fail-bg); }
.cell.skip, .badge.skip { background: var(--skip-bg); }
.sum.warn .number, .sum.fail .number, .sum.timeout .number { border-radius: 6px; margin-bottom: 3px; }
.case.current > th { box-shadow: inset 3px 0 var(--accent); background: var(--hover); }
.tag { border: 1px solid var(--line); border-radius: 5px; padding: 0 6px; font-size: .78rem;
  color: var(--soft); background: var(--card); }
#none { padding: 40px 8px; text-align: center; color: var(--soft); } #reset { margin-left: 8px; }
footer { margin-top: 28px; color: var(--soft); font-size: .86rem; }

#panel { position: fixed; inset: 0 0 0 auto; z-index: 5; width: min(760px, 56vw); overflow: auto;
  overscroll-behavior: contain; padding: 0 28px 40px; background: var(--card);
  border-left: 1px solid var(--line); box-shadow: var(--shade); outline: 0; }
.steps { position: sticky; top: 0; display: flex; gap: 8px; padding: 14px 0; background: var(--card); }
.steps button { padding: 5px 11px; border: 1px solid var(--line); border-radius: 8px; font-size: .88rem; }
.steps button:hover { background: var(--hover); } .steps [data-close] { margin-left: auto; }
.source { font-size: .88rem; margin-top: 6px; } a { color: var(--accent); text-underline-offset: 3px; }
#panel h2 { font-size: 1.4rem; line-height: 1.25; letter-spacing: -.01em; margin: 2px 0 8px; }
.asked { font-size: 1.02rem; max-width: 60ch; }
.tags { display: flex; flex-wrap: wrap; gap: 6px; align-items: center; margin: 12px 0 18px; }
.id { font: .8rem var(--mono); color: var(--soft); }
.tabs { display: flex; flex-wrap: wrap; gap: 6px; margin-bottom: 16px; }
.tabs button { display: flex; gap: 6px; padding: 4px 10px; border: 1px solid var(--line); border-radius: 8px;
  font-size: .86rem; max-width: 100%; }
.tabs bdi { color: var(--ink); } .tabs [aria-pressed="true"] { border-color: currentColor;
  box-shadow: inset 0 0 0 1px; background: var(--hover); }
.verdict { display: flex; gap: 10px; align-items: center; color: var(--soft); }
.badge { display: inline-flex; gap: 7px; padding: 3px 12px; border-radius: 99px; font-weight: 600; }
.note { margin-top: 10px; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: 5px 16px; margin: 14px 0 22px; }
dt { color: var(--soft); } dd { margin: 0; min-width: 0; }
dd.expected { color: var(--pass); font-weight: 600; } dd.got { color: var(--fail); font-weight: 600; }
h3 { display: flex; flex-wrap: wrap; gap: 4px 18px; align-items: baseline; font-size: 1rem; }
.legend { display: flex; flex-wrap: wrap; gap: 12px; font: .76rem var(--mono); color: var(--soft); }
.judge > .way, .legend .judge { color: var(--judge); } .peer > .way, .legend .peer { color: var(--peer); }
.wire { list-style: none; margin: 8px 0 0; padding: 0; border-top: 1px solid var(--line); }
.wire li { display: grid; grid-template-columns: 4.2em 1.2em 1fr; gap: 0 6px; padding: 7px 4px;
  border-bottom: 1px solid var(--line); font-size: .9rem; }
.wire .at { text-align: right; font: .78rem/1.9 var(--mono); color: var(--soft); }
.wire .way { text-align: center; font-weight: 700; }
.wire .what { min-width: 0; } .wire small { margin-left: 8px; color: var(--soft); white-space: nowrap; }
.chip { display: inline-block; margin-right: 8px; padding: 0 7px; border-radius: 5px; font-size: .8rem;
  font-weight: 600; background: var(--skip-bg); }
.judge .chip { color: var(--judge); } .peer .chip { color: var(--peer); }
.chip.control { box-shadow: inset 0 0 0 1px; background: none; }
.chip.tcp, .chip.gap { font-weight: 400; background: none; padding: 0; }
.gap { color: var(--soft); background: var(--hover); }
.wire pre { margin: 4px 0 2px; font: .78rem/1.5 var(--mono); white-space: pre-wrap; color: var(--soft); }
.words { white-space: pre-wrap; }
.hex { display: block; margin-top: 3px; font: .76rem/1.6 var(--mono); color: var(--soft);
  overflow-wrap: normal; word-break: normal; }
.hex span + span { margin-left: .9ch; } .h { color: var(--ink); font-weight: 700; }
.m { color: var(--warn); } .more { font-style: italic; }
.command { display: block; width: fit-content; margin: 6px 0; user-select: all; font: .82rem var(--mono); }
.dump summary { margin: 12px 0 6px; cursor: pointer; }
.dump pre { font: .76rem/1.5 var(--mono); overflow-x: auto; }

@media (min-width: 1100px) {
  .reading { max-width: none; margin: 0; padding-right: calc(min(760px, 56vw) + 24px); }
  .reading .card .small, .reading #agents.many { display: none; }
  .reading .dense thead th + th bdi { display: block; margin: 0 auto; max-height: 110px; overflow: hidden;
    writing-mode: vertical-rl; rotate: 180deg; white-space: nowrap; text-overflow: ellipsis; }
  .reading thead th + th { width: clamp(36px, 40vw * .5 / var(--agents), 84px); padding: 6px 2px; }
  .reading .sum { padding: 5px 3px; } .reading .sum .number { font-size: .76rem; letter-spacing: -.03em; }
}
@media (max-width: 760px) {
  #agents.many .card { padding: 10px 12px; } #agents.many .small { display: none; }
  #agents.many { gap: 8px; } #agents.many .card .bar { margin: 6px 0; }
  #tools { position: static; gap: 8px; } .search { flex-basis: 100%; }
  .search kbd, footer, .fold .soft { display: none; } .search input { padding-right: 12px; }
  #verdicts { display: contents; } #verdicts button, #unfold { padding: 4px 9px; min-width: 0; }
  .scroll { overflow-x: auto; margin: 0 -12px; padding: 0 12px; } thead th { position: static; }
  thead th:first-child, tbody th[scope="row"] { position: sticky; left: -12px; z-index: 1;
    top: auto; background: var(--paper); }
  .chapter span { position: sticky; left: 0; }
  thead th + th { width: 52px; padding: 6px 2px; font-size: .74rem; }
  table { min-width: calc(44vw + 56px * var(--agents)); }
  thead th + th bdi { display: block; margin: 0 auto; max-height: 110px; overflow: hidden;
    writing-mode: vertical-rl; rotate: 180deg; white-space: nowrap; text-overflow: ellipsis; }
  .fold, .open { gap: 7px; padding-left: 2px; } .open { padding-left: 14px; } .sum { padding: 5px 3px; }
  .sum .number { font-size: .68rem; letter-spacing: -.04em; } .cell { height: 34px; }
  #panel { width: 100%; padding: 0 16px 40px; border: 0; }
  .reading { overflow: hidden; }
  .wire li { grid-template: auto 1fr / 3.2em 1fr; padding: 8px 0; } .wire .at { grid-area: 2 / 1; }
  .wire .way { grid-area: 1 / 1; text-align: right; } .wire .what { grid-area: 1 / 2 / 3; }
  dl { grid-template-columns: 1fr; gap: 0; } dd { margin-bottom: 8px; }
}
@media (prefers-reduced-motion: reduce) { * { transition: none !important; } }
@media print { #tools, footer, .steps { display: none; } }
`;
