/** @file One self-contained HTML page of an evaluation: figures with intervals, charts inline, nothing fetched. */
import { describeAnswer, describeExpectation } from "./challenges.js";
import { drawCharts, spell } from "./charts.js";
import { type Chart, toPicture } from "./drawing.js";
import { type GateOutcome, writeNumber } from "./gates.js";
import { type ChallengeFigures, type EvaluationResult, isSkipped, type LearnerFigures } from "./result.js";
import { type SummaryGroup, summarize } from "./summary.js";

const escapeHtml = (text: string): string =>
  text.replace(/[&<>"]/g, (sign) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;" })[sign] ?? "&quot;");

const style = `
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

type Cell = string | number;

/** A table; numbers are written with three decimals unless whole, and stand right. */
function table(head: readonly string[], rows: readonly (readonly Cell[])[]): string {
  const isNumber = (column: number): boolean => typeof rows[0]?.[column] === "number";
  const write = (cell: Cell): string =>
    typeof cell === "string" ? escapeHtml(cell) : Number.isInteger(cell) ? `${cell}` : cell.toFixed(3);
  const place = (column: number): string => (isNumber(column) ? ' class="number"' : "");
  return `<table><thead><tr>${head
    .map((name, column) => `<th scope="col"${place(column)}>${escapeHtml(name)}</th>`)
    .join("")}</tr></thead><tbody>${rows
    .map((row) => `<tr>${row.map((cell, column) => `<td${place(column)}>${write(cell)}</td>`).join("")}</tr>`)
    .join("")}</tbody></table>`;
}

function renderGroup({ title, rows, lines, skipped }: SummaryGroup): string {
  const count = rows === undefined ? "" : ` <span class="note">${rows.toLocaleString("en-US")} rows</span>`;
  const body =
    skipped === undefined
      ? `<table><tbody>${lines
          .map(
            ({ name, value, interval, note }) =>
              `<tr><th scope="row">${escapeHtml(name)}${note ? `<br><span class="note">${escapeHtml(note)}</span>` : ""}</th><td class="number"><strong>${escapeHtml(value)}</strong>${interval ? `<br><span class="note">${interval}</span>` : ""}</td></tr>`,
          )
          .join("")}</tbody></table>`
      : `<p class="faint">Skipped: ${escapeHtml(skipped)}</p>`;
  return `<section class="card"><h3>${escapeHtml(title)}${count}</h3>${body}</section>`;
}

function renderChart({ title, description, svg }: Chart): string {
  return `<figure><h3>${escapeHtml(title)}</h3>${svg}<figcaption>${escapeHtml(description)}</figcaption></figure>`;
}

/** The pairs of classes most often taken for one another. */
function listConfusions(figures: LearnerFigures): Cell[][] {
  const name = (index: number): string => spell(figures.perClass[index]?.emotion ?? "");
  return figures.confusion
    .flatMap((row, truth) =>
      row.flatMap((count, prediction) =>
        truth === prediction || count === 0 ? [] : [{ truth, prediction, count }],
      ),
    )
    .sort((a, b) => b.count - a.count)
    .slice(0, 20)
    .map(({ truth, prediction, count }) => [name(truth), name(prediction), count]);
}

function renderLearner(title: string, figures: LearnerFigures): string {
  return `<h2>${escapeHtml(title)}: in detail</h2><div class="cards">
<section class="card"><h3>By source and length</h3>${table(
    ["slice", "rows", "accuracy", "macro-F1", "ECE"],
    figures.slices.map((one) => [one.name, one.rows, one.accuracy, one.macroF1, one.ece]),
  )}</section>
<section class="card"><h3>Most frequent confusions</h3>${table(["true", "predicted", "rows"], listConfusions(figures))}</section>
</div><section class="card"><h3>Each class</h3>${table(
    ["class", "precision", "recall", "F1", "rows", "predicted"],
    figures.perClass.map((one) => [
      spell(one.emotion),
      one.precision,
      one.recall,
      one.f1,
      one.support,
      one.predicted,
    ]),
  )}</section>`;
}

/** What was not read as expected, set by set. */
function renderChallenges({ sets }: ChallengeFigures): string {
  const cards = Object.entries(sets).map(([name, { rows, failures }]) => {
    const items = failures.map((one) => [
      one.text,
      describeExpectation(one.expected),
      describeAnswer(one.got),
      one.id,
    ]);
    return `<section class="card"><h3>${escapeHtml(name.replaceAll("-", " "))} <span class="note">${failures.length} of ${rows} items</span></h3>${table(["text", "expected", "got", "item"], items)}</section>`;
  });
  return `<h2>Challenges not read as expected</h2>${cards.join("\n")}`;
}

function renderDetails(result: EvaluationResult): string {
  const { registers, clusters, own } = result.learner;
  const parts = [
    ["Plain text, unseen writers", registers],
    ["Inventive text", clusters],
    ["Own data", own],
  ] as const;
  const { goemotions, emobank, challenges, edges } = result;
  return [
    ...parts.map(([title, figures]) => (isSkipped(figures) ? "" : renderLearner(title, figures))),
    isSkipped(goemotions)
      ? ""
      : `<h2>GoEmotions: in detail</h2><section class="card">${table(
          ["label", "threshold", "precision", "recall", "F1", "rows", "predicted"],
          goemotions.perLabel.map((one) => [
            one.label,
            one.threshold,
            one.precision,
            one.recall,
            one.f1,
            one.support,
            one.predicted,
          ]),
        )}</section>`,
    isSkipped(emobank)
      ? ""
      : `<h2>EmoBank: r by domain</h2><section class="card">${table(
          ["domain", "rows", "valence", "arousal", "dominance"],
          emobank.slices.map((one) => [one.name, one.rows, one.valenceR, one.arousalR, one.dominanceR]),
        )}</section>`,
    isSkipped(challenges) ? "" : renderChallenges(challenges),
    isSkipped(edges)
      ? ""
      : `<h2>Edge cases</h2><section class="card">${table(
          ["text", "expected", "got"],
          edges.cases.map((one) => [one.name, one.expected, one.got]),
        )}</section>`,
  ].join("\n");
}

function renderGates(outcomes: readonly GateOutcome[]): string {
  if (outcomes.length === 0) return "";
  const rows = outcomes.map(({ gate, passed, value, reason }) => {
    const state = passed ? "met" : gate.goal ? "goal missed" : "missed";
    return `<tr><td class="${passed ? "good" : "bad"}">${state}</td><td>${escapeHtml(gate.note ?? gate.figure)}</td><td>${escapeHtml(passed ? writeNumber(value ?? 0) : (reason ?? ""))}</td></tr>`;
  });
  return `<h2>Gates</h2><section class="card"><table><thead><tr><th>state</th><th>gate</th><th>figure</th></tr></thead><tbody>${rows.join("")}</tbody></table></section>`;
}

/** The page. Text is escaped, styles and charts are inline, and nothing is loaded from anywhere. */
export function renderReport(result: EvaluationResult, outcomes: readonly GateOutcome[] = []): string {
  const { model, machine, seed, resamples, evaluatedAt } = result;
  const name = escapeHtml(`${model.name} ${model.version}`);
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>${name}: evaluation</title><style>${style}</style></head>
<body>
<header><h1>${name}</h1><p class="faint">Evaluated ${escapeHtml(evaluatedAt.slice(0, 16).replace("T", " "))} UTC on ${escapeHtml(machine.cpu)}, ${machine.cores} cores, Node ${escapeHtml(machine.node)}. Small figures: 95 % bootstrap intervals, ${resamples} resamples, seed ${seed}. Learner text was written and labelled by a language model to a guide; expect lower scores on people's own.</p></header>
<main>
${renderGates(outcomes)}
<h2>Figures</h2>
<div class="cards">${summarize(result).map(renderGroup).join("\n")}</div>
<h2>Charts</h2>
${drawCharts(result).map(renderChart).join("\n")}
${renderDetails(result)}
</main>
</body>
</html>
`;
}

/** The charts as picture files: name with ending, and SVG. */
export function renderPictures(result: EvaluationResult): { readonly file: string; readonly svg: string }[] {
  return drawCharts(result).map((chart) => ({ file: `${chart.name}.svg`, svg: toPicture(chart) }));
}
