/** @file One self-contained HTML page of an evaluation: figures with intervals, charts inline, nothing fetched. */
import { describeAnswer, describeExpectation } from "./challenges.js";
import { drawCharts, spell } from "./charts.js";
import { type Chart, toPicture } from "./drawing.js";
import { type GateOutcome, writeNumber } from "./gates.js";
import { escapeHtml, pageStyle } from "./page-style.js";
import { type ChallengeFigures, type EvaluationResult, isSkipped, type LearnerFigures } from "./result.js";
import { type SummaryGroup, summarize } from "./summary.js";

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
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>${name}: evaluation</title><style>${pageStyle}</style></head>
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
