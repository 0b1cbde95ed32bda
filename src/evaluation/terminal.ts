/** @file An evaluation as a table for people at a terminal. */
import type { createColors } from "picocolors";
import { type GateOutcome, writeNumber } from "./gates.js";
import type { EvaluationResult } from "./result.js";
import { type SummaryGroup, summarize } from "./summary.js";

/** Functions that colour a text, or leave it as it is. */
type Colors = ReturnType<typeof createColors>;

function writeGroup({ title, rows, lines, skipped }: SummaryGroup, width: number, colors: Colors): string[] {
  const count = rows === undefined ? "" : colors.dim(`  ${rows.toLocaleString("en-US")} rows`);
  const head = colors.bold(title) + count;
  if (skipped !== undefined) return [head, `  ${colors.yellow("skipped")}: ${skipped}`];
  return [
    head,
    ...lines.map(({ name, value, interval, note }) =>
      [
        `  ${name.padEnd(width)}  ${colors.cyan(value.padStart(8))}`,
        interval ? colors.dim(`[${interval}]`) : "",
        note ? colors.dim(note) : "",
      ]
        .filter(Boolean)
        .join("  "),
    ),
  ];
}

/** What each gate asks and how the model stands; nothing where there are no gates. */
function writeGates(outcomes: readonly GateOutcome[], colors: Colors): string[] {
  if (outcomes.length === 0) return [];
  const lines = outcomes.map(({ gate, passed, value, reason }) => {
    const mark = passed ? colors.green("✔") : gate.goal ? colors.yellow("–") : colors.red("✖");
    const state = passed ? writeNumber(value ?? 0) : (reason ?? "");
    return `  ${mark} ${gate.figure}  ${state}${gate.note ? colors.dim(`  ${gate.note}`) : ""}`;
  });
  return ["", colors.bold("Gates"), ...lines];
}

/** The whole evaluation, and how it stands before gates, as lines of text. */
export function renderTerminal(
  result: EvaluationResult,
  outcomes: readonly GateOutcome[],
  colors: Colors,
): string {
  const groups = summarize(result);
  const width = Math.max(0, ...groups.flatMap(({ lines }) => lines.map(({ name }) => name.length)));
  const { model, machine, seed, resamples } = result;
  return [
    `${colors.bold(`${model.name} ${model.version}`)}  ${colors.dim(`${machine.cpu}, ${machine.cores} cores, Node ${machine.node}`)}`,
    ...groups.flatMap((one) => ["", ...writeGroup(one, width, colors)]),
    ...writeGates(outcomes, colors),
    "",
    colors.dim(`In brackets: 95 % bootstrap intervals, ${resamples} resamples, seed ${seed}.`),
    "",
  ].join("\n");
}
