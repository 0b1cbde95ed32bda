/** @file What a terminal can show: colours where they are wanted, bars, text cut to a width. */
import { createColors } from "picocolors";

/** Functions that colour a text, or leave it as it is. */
export type Colors = ReturnType<typeof createColors>;

/** Colours for a stream: none where `NO_COLOR` is set or the stream is no terminal, unless `FORCE_COLOR` asks for them. */
export function colorsFor(
  stream: { readonly isTTY?: boolean },
  env: NodeJS.ProcessEnv = process.env,
): Colors {
  if (env.NO_COLOR) return createColors(false);
  if (env.FORCE_COLOR && env.FORCE_COLOR !== "0") return createColors(true);
  return createColors(stream.isTTY === true && env.TERM !== "dumb");
}

const eighths = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];

/** A bar of `width` cells filled to `share` in [0, 1], exact to an eighth of a cell. */
export function drawBar(share: number, width: number): string {
  const filled = Math.round(Math.min(Math.max(share, 0), 1) * width * 8);
  const bar = "█".repeat(filled >> 3) + eighths[filled & 7];
  return bar.padEnd(width, "·");
}

/** `0.783` as `78 %`, right-aligned to four cells; what is not nothing is never shown as 0. */
export function formatPercent(share: number): string {
  const percent = 100 * share;
  return (percent > 0 && percent < 1 ? "<1 %" : `${percent.toFixed(0)} %`).padStart(5);
}

/** One line of text, white space drawn together, cut to `width` characters as readers count them. */
export function shorten(text: string, width: number): string {
  // Far more units than `width` characters can need; keeps long texts cheap.
  const line = text
    .slice(0, width * 16)
    .replace(/[\s\p{Cc}]+/gu, " ")
    .trim();
  const characters = [...new Intl.Segmenter(undefined, { granularity: "grapheme" }).segment(line)];
  if (characters.length <= width) return line;
  return `${characters
    .slice(0, width - 1)
    .map(({ segment }) => segment)
    .join("")}…`;
}

/** `not_ready` as people write it. */
export function humanize(id: string): string {
  return id.replaceAll("_", " ");
}
