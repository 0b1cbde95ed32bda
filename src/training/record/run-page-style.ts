/** @file The look of a run's page, in light and in dark. */

/** CSS text. */
export const runPageStyle = `
:root { --back: #f6f7f9; --card: #fff; --ink: #1b2330; --muted: #66707f; --grid: #e6e9ee; --line: #dfe3e9;
  --c0: #2f6fde; --c1: #d9622b; --c2: #1f9d74; --c3: #8a56d6; --c4: #c23b6b; --c5: #94862a; --bad: #c0322b; }
@media (prefers-color-scheme: dark) {
  :root { --back: #12151b; --card: #1a1f28; --ink: #e6eaf0; --muted: #97a2b3; --grid: #2a313d; --line: #2a313d;
    --c0: #6fa2ff; --c1: #ff9a66; --c2: #4fd0a5; --c3: #b994ff; --c4: #ff7fa8; --c5: #d6c45c; --bad: #ff7a70; } }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 28px 24px 60px; max-width: 1180px; background: var(--back); color: var(--ink);
  font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; }
h1 { font-size: 26px; margin: 0; display: flex; align-items: center; gap: 12px; }
h2 { font-size: 16px; margin: 30px 0 10px; }
header p { color: var(--muted); margin: 4px 0 14px; max-width: 75ch; }
header p.error { color: var(--bad); white-space: pre-wrap; }
.status { font-size: 13px; font-weight: 600; padding: 2px 10px; border-radius: 99px; color: var(--card); background: var(--muted); }
.status.running { background: var(--c0); } .status.finished, .status.stopped-early { background: var(--c2); }
.status.failed { background: var(--bad); }
.bar { height: 8px; border-radius: 99px; background: var(--grid); overflow: hidden; }
.bar i { display: block; height: 100%; border-radius: 99px; background: var(--c0); }
.tiles { display: flex; flex-wrap: wrap; gap: 10px; margin: 14px 0 0; }
.tiles div, figure, details { background: var(--card); border: 1px solid var(--line); border-radius: 10px; }
.tiles div { padding: 9px 13px; flex: 1 1 auto; }
dt { color: var(--muted); font-size: 12px; } dd { margin: 0; font-size: 16px; white-space: nowrap; font-weight: 600; font-variant-numeric: tabular-nums; }
.panels { display: grid; grid-template-columns: repeat(auto-fill, minmax(320px, 1fr)); gap: 12px; }
figure { margin: 0; padding: 12px 14px 8px; min-width: 0; } figure.wide { grid-column: 1 / -1; }
figure svg { display: block; height: auto; }
figcaption { display: flex; flex-wrap: wrap; justify-content: space-between; gap: 0 12px; font-size: 13px; margin-bottom: 4px; }
.legend { display: flex; flex-wrap: wrap; gap: 0 12px; color: var(--muted); } .legend b { color: var(--ink); font-variant-numeric: tabular-nums; }
.legend i { display: inline-block; width: 9px; height: 9px; border-radius: 3px; margin-right: 5px; }
details { padding: 10px 16px; margin-top: 14px; } summary { cursor: pointer; font-weight: 600; }
table { border-collapse: collapse; margin-top: 8px; width: 100%; font-size: 13px; }
th { text-align: left; font-weight: 400; color: var(--muted); padding: 3px 18px 3px 0; vertical-align: top; white-space: nowrap; }
td { padding: 3px 0; width: 100%; overflow-wrap: anywhere; } tr + tr { border-top: 1px solid var(--grid); }
`;
