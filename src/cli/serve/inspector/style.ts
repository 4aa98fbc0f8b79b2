/** The inspector page: its CSS. @module */

/** The style of the inspector page. */
export const style = `
:root {
  color-scheme: light dark;
  --ground: #f5f6f4; --card: #fff; --ink: #1b201e; --soft: #5b6663; --rule: #d9dedb;
  --field: #fff; --tint: #e6f4f1; --accent: #0b7a70; --on-accent: #fff; --bad: #b3261e;
  --bad-tint: #fcebe9; --warn: #8a5a00; --up: #2f5bb7; --code: #f3f5f4;
  --mono: ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace;
  --sans: system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #111514; --card: #191e1d; --ink: #e6ebe9; --soft: #9aa7a3; --rule: #303836;
    --field: #121716; --tint: #15322e; --accent: #4fc9b9; --on-accent: #06211d; --bad: #ff9a90;
    --bad-tint: #3a1d1b; --warn: #e6b450; --up: #93b4ff; --code: #121716;
  }
}
* { box-sizing: border-box; }
[hidden] { display: none !important; }
html { -webkit-text-size-adjust: 100%; scroll-padding-top: 8.5rem; }
body { margin: 0; background: var(--ground); color: var(--ink); font: 15px/1.5 var(--sans); }
code, output, #log, .http, time { font-family: var(--mono); font-size: .92em; }
h1, h2, h3, p, ol, dl, dd { margin: 0; padding: 0; }
h1 { font-size: 1.3rem; letter-spacing: -.01em; }
h2 { font-size: 1.05rem; }
h2 code { font-size: 1em; }
h3 { font-size: .9rem; margin-bottom: .35rem; }
small { color: var(--soft); font-size: .82rem; font-weight: normal; }
.hidden { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
.top, main, .line > * { max-width: 78rem; margin-inline: auto; }
.top { padding: 1.4rem 1.25rem .9rem; }
.top p { color: var(--soft); }

.line {
  position: sticky; top: 0; z-index: 1; background: var(--ground);
  border-bottom: 1px solid var(--rule); padding: .6rem 1.25rem .55rem;
}
#states { list-style: none; display: grid; grid-template-columns: repeat(4, 1fr); }
#states li {
  position: relative; display: flex; flex-direction: column; align-items: center;
  text-align: center; color: var(--soft);
}
#states li + li::before {
  content: ""; position: absolute; top: .85rem; right: calc(50% + 1.1rem);
  width: calc(100% - 2.2rem); border-top: 2px solid var(--rule);
}
#states li.passed + li.passed::before, #states li.passed + li.now::before { border-color: var(--accent); }
#states li.skipped::before, #states li.skipped + li::before { border-top-style: dashed; }
.dot {
  display: grid; place-items: center; width: 1.75rem; height: 1.75rem; border-radius: 50%;
  border: 2px solid var(--rule); background: var(--card); font: 600 .85rem var(--mono);
}
#states b { font: 600 .8rem var(--mono); margin-top: .15rem; }
#states time { font-size: .74rem; min-height: 1.2em; }
#states .passed .dot { border-color: var(--accent); color: var(--accent); }
#states .now .dot { background: var(--accent); border-color: var(--accent); color: var(--on-accent); }
#states .now b { color: var(--ink); }
#states .failed .dot { background: var(--bad); border-color: var(--bad); color: var(--card); }
#state-means { text-align: center; color: var(--soft); font-size: .88rem; min-height: 1.5em; }
#latest { display: none; text-align: center; font: .78rem var(--mono); color: var(--accent);
  white-space: nowrap; overflow: hidden; text-overflow: ellipsis; min-height: 1.5em; }

main { display: grid; gap: 1rem; padding: 1rem 1.25rem 2rem; }
.parts { display: grid; gap: 1rem; align-content: start; min-width: 0; }
.card {
  background: var(--card); border: 1px solid var(--rule); border-radius: 10px;
  padding: 1rem 1.1rem 1.1rem; min-width: 0;
}
.note { color: var(--soft); font-size: .88rem; margin: .15rem 0 .8rem; }
.empty { color: var(--soft); font-size: .88rem; font-style: italic; }
.note code, .chips code { color: var(--ink); }

form { display: grid; gap: .7rem; }
#connect { grid-template-columns: 1fr auto; align-items: end; }
.whole { grid-column: 1 / -1; }
.row { display: flex; gap: .6rem; align-items: end; }
label { font-size: .85rem; font-weight: 600; display: block; min-width: 0; }
.wide { flex: 1; }
.code { width: 5.5rem; }
.switch { display: flex; gap: .55rem; align-items: baseline; cursor: pointer; }
.switch input { accent-color: var(--accent); margin: 0; flex: none; translate: 0 .1rem; }
input:not([type=radio], [type=checkbox]), select {
  width: 100%; margin-top: .2rem; padding: .45rem .6rem; min-height: 2.4rem; color: inherit;
  font: .92rem var(--mono); background: var(--field); border: 1px solid var(--rule); border-radius: 7px;
}
input[type=file] { font-family: var(--sans); }
::placeholder { color: var(--soft); opacity: .75; }
.row label:has(> .hidden) input, .row label:has(> .hidden) select { margin-top: 0; }
button { font: inherit; color: inherit; cursor: pointer; }
.main {
  min-height: 2.4rem; padding: .3rem 1.1rem; font-weight: 600; border-radius: 7px;
  border: 1px solid var(--accent); background: var(--accent); color: var(--on-accent);
}
.main:hover:not(:disabled) { filter: brightness(1.08); }
button:disabled { opacity: .45; cursor: default; }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
.chips { display: flex; flex-wrap: wrap; gap: .4rem; align-items: center; margin-top: .8rem;
  font-size: .85rem; color: var(--soft); }
.chips button, .quiet {
  padding: .15rem .65rem; min-height: 1.8rem; border-radius: 99px; font-size: .82rem;
  border: 1px solid var(--rule); background: transparent; color: var(--ink);
}
.chips button:hover:not(:disabled), .quiet:hover { border-color: var(--accent); color: var(--accent); }
.modes { display: inline-flex; justify-self: start; border: 1px solid var(--rule); border-radius: 7px;
  padding: 2px; margin: 0; gap: 2px; }
.modes label { padding: .25rem .8rem; border-radius: 5px; cursor: pointer; position: relative; }
.modes input { position: absolute; inset: 0; opacity: 0; margin: 0; cursor: pointer; }
.modes label:has(:checked) { background: var(--tint); color: var(--accent); }
.modes label:has(:focus-visible) { outline: 3px solid var(--accent); outline-offset: 1px; }

.http { background: var(--code); border: 1px solid var(--rule); border-radius: 7px;
  padding: .6rem .75rem; margin-bottom: .7rem; overflow-wrap: anywhere; font-size: .84rem; }
.http:last-child { margin-bottom: 0; }
.http .first { font-weight: 700; }
.http .first.no { color: var(--bad); }
.http .name { color: var(--accent); }
.http .why { display: block; font: .8rem/1.35 var(--sans); color: var(--soft);
  padding-left: 1rem; margin-bottom: .2rem; }
.http summary { cursor: pointer; color: var(--soft); font-family: var(--sans); }
.http pre { white-space: pre-wrap; margin: .4rem 0 0; font: inherit; }
.from { display: flex; justify-content: space-between; gap: .5rem; font-size: .8rem; font-weight: 600;
  margin-bottom: .25rem; }

.buffer { margin-top: .9rem; }
.buffer p { display: flex; flex-wrap: wrap; gap: 0 .6rem; align-items: baseline; font-size: .88rem; }
.buffer output { font-weight: 700; }
#drained { color: var(--soft); }
.buffer svg { display: block; width: 100%; height: 3rem; margin-top: .3rem; background: var(--code);
  border: 1px solid var(--rule); border-radius: 7px; }
#graph { fill: none; stroke: var(--accent); stroke-width: 2; vector-effect: non-scaling-stroke; }
#area { fill: var(--tint); }

.closed { margin-top: .9rem; padding-top: .8rem; border-top: 1px solid var(--rule); }
.closed dl { display: grid; grid-template-columns: auto 1fr; gap: .2rem 1rem; font-size: .9rem; }
.closed dt, .closed b { font-family: var(--mono); font-size: .88rem; }
.closed dd { overflow-wrap: anywhere; }
.closed dt, .closed dd span { color: var(--soft); }

.log { display: flex; flex-direction: column; }
.head { display: flex; justify-content: space-between; align-items: center; }
#log { list-style: none; min-height: 12rem; max-height: 34rem; overflow: auto; overscroll-behavior: contain;
  border-top: 1px solid var(--rule); }
#log:empty::after { content: "Nothing has happened yet."; display: block; padding: .8rem 0;
  font: italic .88rem var(--sans); color: var(--soft); }
.entry { display: grid; grid-template-columns: 4.2rem 1fr; gap: 0 .7rem; padding: .4rem .2rem;
  border-bottom: 1px solid var(--rule); font-size: .84rem; }
.entry time { color: var(--soft); text-align: right; white-space: nowrap; }
.entry summary { cursor: pointer; list-style: none; position: relative; padding-right: 3.6rem; }
.entry summary::-webkit-details-marker { display: none; }
.entry summary::after { content: "hex ▸"; position: absolute; right: 0; top: 0; color: var(--soft); }
.entry details[open] summary::after { content: "hex ▾"; }
.entry summary:hover::after { color: var(--accent); }
.entry summary:focus-visible { outline-offset: -2px; border-radius: 4px; }
.entry .what { min-width: 0; overflow-wrap: anywhere; }
.badge { display: inline-block; padding: 0 .45rem; border-radius: 4px; font-weight: 600;
  background: var(--tint); color: var(--accent); margin-right: .25rem; }
.entry .plain { font-family: var(--sans); color: var(--soft); }
.entry pre { margin: .35rem 0 .1rem; width: fit-content; max-width: 100%; padding: .5rem .6rem; overflow-x: auto; white-space: pre;
  background: var(--code); border-radius: 6px; font: .78rem/1.45 var(--mono); }
.entry[data-kind=call] .badge, .entry[data-kind=sent] .badge { background: none; color: var(--up); padding: 0; }
.entry[data-kind=error] .badge, .entry[data-kind=exception] .badge { background: var(--bad-tint); color: var(--bad); }
.entry[data-kind=close] .badge { background: none; box-shadow: inset 0 0 0 1px currentColor; color: var(--warn); }
.entry[data-kind=waiting] .badge { background: none; color: var(--soft); padding: 0; }
.entry[data-kind=note] .badge { display: none; }
.entry[data-kind=begin] { border-top: 2px solid var(--accent); }
.entry[data-kind=begin]:first-child { border-top: 0; }
.entry[data-kind=begin] .badge { background: none; color: var(--up); padding: 0; }

@media (min-width: 64rem) {
  main { grid-template-columns: minmax(0, 1.1fr) minmax(0, 1fr); align-items: start; }
  .log { position: sticky; top: 7.75rem; max-height: max(24rem, calc(100vh - 14.25rem)); }
  #log { max-height: none; flex: 1; }
}
@media (max-width: 63.99rem) {
  #latest { display: block; }
}
@media (max-width: 40rem) {
  .top { padding: 1rem .8rem .6rem; }
  .line { padding-inline: .4rem; }
  main { padding: .8rem .8rem 1.5rem; }
  #connect { grid-template-columns: minmax(0, 1fr); }
  #states b { font-size: .68rem; }
  #states time { font-size: .68rem; }
  #state-means { font-size: .8rem; padding-inline: .4rem; }
  input:not([type=radio], [type=checkbox]), select { font-size: 16px; }
  .entry { grid-template-columns: 3.7rem 1fr; gap: 0 .5rem; font-size: .8rem; }
  .entry pre { margin-left: -4.2rem; max-width: calc(100% + 4.2rem); font-size: .74rem; }
  #close .row { flex-wrap: wrap; }
  #close .main { width: 100%; }
}
@media (prefers-reduced-motion: no-preference) {
  .dot { transition: background .2s, border-color .2s, color .2s; }
}
`;
