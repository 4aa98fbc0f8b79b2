/** The style of the public matrix, in light and dark, on any width. @module */

/** The style sheet. */
export const STYLE = `
:root {
  --back: #fff; --text: #1b1f24; --soft: #59636e; --line: #d1d9e0;
  --pass: #d8f3dc; --warn: #fff0c2; --fail: #ffd7d5; --none: #f1f3f5;
  --pass-text: #10512a; --warn-text: #6b4a00; --fail-text: #8f1219;
}
@media (prefers-color-scheme: dark) {
  :root {
    --back: #0f1318; --text: #e4e8ec; --soft: #9aa4ae; --line: #333b44;
    --pass: #123a22; --warn: #43350a; --fail: #4d1a1c; --none: #1a1f25;
    --pass-text: #9be7b3; --warn-text: #f5d477; --fail-text: #ffb3b0;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0 auto; padding: 1.5rem clamp(0.75rem, 3vw, 2.5rem) 4rem; max-width: 82rem;
  background: var(--back); color: var(--text); font: 1rem/1.5 system-ui, sans-serif;
}
h1 { font-size: clamp(1.35rem, 4vw, 1.9rem); line-height: 1.2; margin: 0 0 0.75rem; }
h2 { font-size: 1.2rem; margin: 2rem 0 0.5rem; }
h4 { font-size: 0.9rem; margin: 0.9rem 0 0.2rem; }
p { max-width: 46rem; }
a { color: inherit; text-underline-offset: 0.15em; }
small { display: block; color: var(--soft); font-weight: 400; font-size: 0.75rem; }
.key { display: flex; flex-wrap: wrap; gap: 0.4rem; padding: 0; list-style: none; font-size: 0.8rem; }
.key li { padding: 0.15rem 0.6rem; border-radius: 1rem; }
.wide { overflow-x: auto; border: 1px solid var(--line); border-radius: 0.5rem; }
table { border-collapse: separate; border-spacing: 0; width: 100%; font-size: 0.8rem; }
th, td { padding: 0.35rem 0.5rem; text-align: center; white-space: nowrap; }
th { font-weight: 600; }
tbody th, thead th:first-child { text-align: left; }
tbody th, tbody td { border-top: 1px solid var(--line); }
tbody td { border-left: 1px solid var(--back); font-variant-numeric: tabular-nums; }
th:first-child { position: sticky; left: 0; background: var(--back); border-right: 1px solid var(--line); }
thead th { color: var(--soft); font-size: 0.75rem; }
.pass { background: var(--pass); color: var(--pass-text); }
.warn { background: var(--warn); color: var(--warn-text); }
.fail { background: var(--fail); color: var(--fail-text); font-weight: 600; }
.none { background: var(--none); color: var(--soft); }
details { border-top: 1px solid var(--line); padding: 0.4rem 0; }
summary { cursor: pointer; }
details ul { margin: 0; padding-left: 1.2rem; font-size: 0.85rem; }
details li { overflow-wrap: anywhere; }
code { font: 0.9em ui-monospace, monospace; }
@media (max-width: 40rem) {
  tbody th { white-space: normal; min-width: 8.5rem; max-width: 8.5rem; }
}
`;
