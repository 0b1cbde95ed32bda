/** @file An evaluation as a table for people at a terminal. */
import pc from "picocolors";
import type { GateOutcome } from "./gates.js";
import type { EvaluationResult } from "./result.js";
import { type SummaryGroup, summarize } from "./summary.js";

function writeGroup({ title, rows, lines, skipped }: SummaryGroup, width: number): string[] {
  const head = pc.bold(title) + (rows === undefined ? "" : pc.dim(`  ${rows.toLocaleString("en-US")} rows`));
  if (skipped !== undefined) return [head, `  ${pc.yellow("skipped")}: ${skipped}`];
  return [
    head,
    ...lines.map(({ name, value, interval, note }) =>
      [
        `  ${name.padEnd(width)}  ${pc.cyan(value.padStart(8))}`,
        interval ? pc.dim(`[${interval}]`) : "",
        note ? pc.dim(note) : "",
      ]
        .filter(Boolean)
        .join("  "),
    ),
  ];
}

/** The whole evaluation as lines of text, coloured where colour is wanted. */
export function renderTerminal(result: EvaluationResult): string {
  const groups = summarize(result);
  const width = Math.max(0, ...groups.flatMap(({ lines }) => lines.map(({ name }) => name.length)));
  const { model, machine, seed, resamples } = result;
  return [
    `${pc.bold(`${model.name} ${model.version}`)}  ${pc.dim(`${machine.cpu}, ${machine.cores} cores, Node ${machine.node}`)}`,
    ...groups.flatMap((one) => ["", ...writeGroup(one, width)]),
    "",
    pc.dim(`In brackets: 95 % bootstrap intervals, ${resamples} resamples, seed ${seed}.`),
    "",
  ].join("\n");
}

/** Gates as lines of text: what each asks and how the model stands. */
export function renderGates(outcomes: readonly GateOutcome[]): string {
  const lines = outcomes.map(({ gate, passed, value, reason }) => {
    const mark = passed ? pc.green("✔") : gate.goal ? pc.yellow("–") : pc.red("✖");
    const state = passed ? `${value}` : (reason ?? "");
    return `${mark} ${gate.figure}  ${state}${gate.note ? pc.dim(`  ${gate.note}`) : ""}`;
  });
  return `${[pc.bold("Gates"), ...lines].join("\n")}\n`;
}
