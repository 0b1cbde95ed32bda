/** @file Which words moved the decision: each is taken out in turn and the message read again. */
import type { WordInfluence } from "../emotion/analysis.js";

/** A stretch of the message: start included, end not, in UTF-16 units. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** Most readings one explanation may cost. */
export const maxReadings = 200;

/** Most tokens the readings of one explanation may come to; at least `minReadings` are made all the same. */
const maxTokensRead = 100_000;
const minReadings = 20;

/**
 * Stretches to hide, in order: words by Unicode's rules, and runs of other visible characters (`:(`, `!!!`, emoji).
 * Where there are more than can be afforded, runs of neighbouring words of equal number are hidden together, so that
 * the whole message is explained, only more coarsely: 200 readings at most, fewer for texts of over 500 tokens.
 * @param tokens length of the message as the model reads it
 */
export function listSpans(text: string, tokens: number): Span[] {
  const words = splitWords(text);
  const affordable = Math.floor(maxTokensRead / Math.max(tokens, 1));
  const readings = Math.max(minReadings, Math.min(maxReadings, affordable));
  const run = Math.ceil(words.length / readings);
  if (run <= 1) return words;
  return Array.from({ length: Math.ceil(words.length / run) }, (_, i) => {
    const inRun = words.slice(i * run, (i + 1) * run);
    return { start: (inRun[0] as Span).start, end: (inRun.at(-1) as Span).end };
  });
}

function splitWords(text: string): Span[] {
  const spans: Span[] = [];
  let open: { start: number; end: number } | undefined;
  for (const { segment, index, isWordLike } of new Intl.Segmenter(undefined, { granularity: "word" }).segment(
    text,
  )) {
    const end = index + segment.length;
    const visible = segment.trim() !== "";
    if (isWordLike || !visible) {
      open = undefined;
      if (visible) spans.push({ start: index, end });
    } else if (open !== undefined) {
      open.end = end;
    } else {
      open = { start: index, end };
      spans.push(open);
    }
  }
  return spans;
}

/**
 * Occlusion: influence of a stretch = ln p(primary | message) − ln p(primary | message without it), so positive means
 * that it speaks for the primary emotion. What is hidden is left out, not masked: the model never learned a mask.
 * @param probability of the primary emotion in each of the given texts (which may be blank), in order
 * @source Zeiler & Fergus, "Visualizing and Understanding Convolutional Networks", ECCV 2014; Li, Monroe & Jurafsky,
 * "Understanding Neural Networks through Representation Erasure", 2016.
 */
export async function explainWords(
  text: string,
  tokens: number,
  confidence: number,
  probability: (texts: readonly string[]) => Promise<readonly number[]>,
): Promise<WordInfluence[]> {
  const spans = listSpans(text, tokens);
  const without = await probability(spans.map(({ start, end }) => text.slice(0, start) + text.slice(end)));
  return spans.map(({ start, end }, i) => ({
    word: text.slice(start, end),
    start,
    end,
    influence: Math.log(confidence) - Math.log(Math.max(without[i] as number, Number.MIN_VALUE)),
  }));
}
