/** @file What pages of figures share: their look and how text gets into them. */
/** Text as HTML. */
export const escapeHtml = (text: string): string =>
  text.replace(/[&<>"]/g, (sign) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;" })[sign] ?? "&quot;");

/** CSS of every page of figures, light and dark. */
export const pageStyle = `
:root { color-scheme: light dark; --ground: #ffffff; --card: #f6f8fa; --text: #1f2328; --faint: #59636e; --line: #d1d9e0; --good: #1a7f37; --bad: #c62828; }
@media (prefers-color-scheme: dark) { :root { --ground: #0d1117; --card: #151b23; --text: #e6edf3; --faint: #9198a1; --line: #3d444d; --good: #3fb950; --bad: #ff7b72; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 1160px; padding: 2rem 1rem 4rem; background: var(--ground); color: var(--text); font: 16px/1.5 system-ui, sans-serif; }
h1 { font-size: 1.9rem; margin: 0 0 .25rem; } h2 { margin: 2.5rem 0 .75rem; font-size: 1.35rem; } h3 { margin: 0 0 .5rem; font-size: 1.05rem; }
p.faint, figcaption, .note { color: var(--faint); } .note, figcaption { font-size: .875rem; font-weight: 400; }
tbody th { font-weight: 500; }
.cards { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 500px), 1fr)); gap: 1rem; align-items: start; }
.card, figure { background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: 1rem; margin: 0 0 1rem; overflow-x: auto; }
.cards .card { margin: 0; }
figure svg { display: block; max-width: 100%; height: auto; margin: .5rem auto; color: var(--text); }
table { border-collapse: collapse; width: 100%; font-size: .9rem; }
th, td { text-align: left; padding: .3rem .6rem; border-bottom: 1px solid var(--line); vertical-align: top; }
td.number, th.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
.good { color: var(--good); } .bad { color: var(--bad); }
`;
