/** @file An analysis drawn for people: a card for one message, a row of a table for many. */
import type { Analysis, UncertainReason, WordInfluence } from "../emotion/analysis.js";
import { supportActions } from "../emotion/support.js";
import { type Colors, drawBar, formatPercent, humanize, shorten } from "./terminal.js";

const doubts: Readonly<Record<UncertainReason, string>> = {
  low_confidence: "no emotion stands out",
  many_plausible_emotions: "many emotions fit about as well",
  unfamiliar_text: "the text is unlike what the model learned from",
};

const nameWidth = 20;
const barWidth = 24;

/** How much a card shows: all there is, or what matters at a glance. */
export type CardSize = "whole" | "brief";

/** The card of one message, lines joined, with a newline at its end. */
export function drawCard(text: string, analysis: Analysis, colors: Colors, size: CardSize = "whole"): string {
  const { bold, dim, cyan } = colors;
  const { pad, readiness, support } = analysis;
  const row = (name: string, share: number, note: string): string =>
    `  ${humanize(name).padEnd(nameWidth)} ${cyan(drawBar(share, barWidth))} ${note}`;
  const [first, ...others] = analysis.emotions;
  const likely = others.filter(({ probability }) => probability >= 0.02);
  const shown = [first, ...likely.slice(0, size === "brief" ? 0 : 3)];
  const lines = [
    dim(`“${shorten(text, 100)}”`),
    ...shown.map((entry, place) => {
      const line = row(entry?.emotion ?? "", entry?.probability ?? 0, formatPercent(entry?.probability ?? 0));
      return place === 0 ? bold(line) : line;
    }),
    ...(size === "brief" ? [] : [""]),
    row("pleasure", pad.pleasure, pad.pleasure.toFixed(2)),
    row("arousal", pad.arousal, pad.arousal.toFixed(2)),
    row("dominance", pad.dominance, pad.dominance.toFixed(2)),
    row(
      "readiness to learn",
      readiness.score,
      `${readiness.score.toFixed(2)} ${dim(humanize(readiness.state))}`,
    ),
    row("support", support.level / 5, `${support.level} ${bold(support.label)}`),
    `  ${"".padEnd(nameWidth)} ${dim(supportActions[support.label])}`,
  ];
  if (size === "whole" && analysis.goemotions.length > 0) {
    const labels = analysis.goemotions.map(
      ({ label, probability }) => `${label}${formatPercent(probability)}`,
    );
    lines.push(`  ${"GoEmotions".padEnd(nameWidth)} ${dim(labels.join(", "))}`);
  }
  if (size === "whole" && analysis.predictionSet.length > 1) {
    const names = analysis.predictionSet.slice(0, 6).map(humanize);
    const more = analysis.predictionSet.length - names.length;
    lines.push(
      `  ${"could be".padEnd(nameWidth)} ${dim(names.join(", ") + (more > 0 ? ` and ${more} more` : ""))}`,
    );
  }
  if (analysis.uncertain !== false) {
    lines.push(`  ${colors.yellow(`${"uncertain".padEnd(nameWidth)} ${doubts[analysis.uncertain]}`)}`);
  }
  if (analysis.explanation !== undefined) {
    lines.push("", ...drawExplanation(text, analysis.primaryEmotion, analysis.explanation, colors));
  }
  return `${lines.join("\n")}\n`;
}

/** The message with its words coloured by influence, then the strongest in figures, which say it without colour too. */
function drawExplanation(
  text: string,
  emotion: string,
  words: readonly WordInfluence[],
  colors: Colors,
): string[] {
  const strongest = Math.max(...words.map(({ influence }) => Math.abs(influence)), Number.MIN_VALUE);
  const paint = ({ influence }: WordInfluence, word: string): string => {
    const share = Math.abs(influence) / strongest;
    // A word that hardly moves anything stays plain, whatever the others do.
    if (share < 0.15 || Math.abs(influence) < 0.02) return word;
    const color = influence > 0 ? colors.green : colors.red;
    return share > 0.5 ? colors.bold(color(word)) : color(word);
  };
  let painted = "";
  let last = 0;
  for (const word of words) {
    painted += text.slice(last, word.start) + paint(word, text.slice(word.start, word.end));
    last = word.end;
  }
  const top = [...words].sort((a, b) => Math.abs(b.influence) - Math.abs(a.influence)).slice(0, 6);
  const figures = top.map((word) => {
    const sign = word.influence >= 0 ? "+" : "−";
    return `${paint(word, shorten(word.word, 24))} ${sign}${Math.abs(word.influence).toFixed(2)}`;
  });
  return [
    `  ${colors.dim(`what speaks ${colors.green("for")} and ${colors.red("against")} ${humanize(emotion)}`)}`,
    `  ${(painted + text.slice(last)).replace(/\s+/g, " ").trim()}`,
    `  ${figures.join("   ")}`,
  ];
}

const columns: readonly [name: string, width: number][] = [
  ["line", 6],
  ["emotion", 19],
  ["conf", 5],
  ["P", 4],
  ["A", 4],
  ["D", 4],
  ["ready", 5],
  ["support", 13],
];

const toRow = (cells: readonly string[], text: string): string =>
  `${cells.map((cell, i) => cell.padEnd(columns[i]?.[1] ?? 0)).join(" ")} ${text}\n`;

/** Headings of the table. */
export function drawTableHead({ bold }: Colors): string {
  return bold(
    toRow(
      columns.map(([name]) => name),
      "text",
    ),
  );
}

/** A message as a row of the table. */
export function drawTableRow(line: number, text: string, analysis: Analysis): string {
  const { pad, support } = analysis;
  const short = (value: number): string => value.toFixed(2);
  return toRow(
    [
      String(line),
      humanize(analysis.primaryEmotion) + (analysis.uncertain === false ? "" : " ?"),
      formatPercent(analysis.confidence),
      short(pad.pleasure),
      short(pad.arousal),
      short(pad.dominance),
      short(analysis.readiness.score),
      `${support.level} ${support.label}`,
    ],
    shorten(text, 60),
  );
}
