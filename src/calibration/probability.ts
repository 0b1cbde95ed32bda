/** @file Logits to probabilities under a temperature, and the order of classes: the arithmetic every calibration step shares. */
import { AppError } from "../base/errors.js";

/** A list of numbers, typed or not. */
export type Numbers = ArrayLike<number>;

/** Refuses logits that are no numbers, so that a broken model never looks like an answer. */
function checkFinite(where: string, logits: Numbers): void {
  for (let i = 0; i < logits.length; i++) {
    if (!Number.isFinite(logits[i])) {
      throw new AppError(
        "RUNTIME_FAILED",
        `${where}: expected finite logits, got ${logits[i]} at index ${i}; check the model file and its inputs`,
      );
    }
  }
}

/**
 * Softmax of `logits / temperature`, `[classes]`, in double precision; sums to 1.
 * @throws RUNTIME_FAILED where a logit is NaN or infinite
 */
export function softmax(logits: Numbers, temperature = 1): Float64Array {
  checkFinite("softmax", logits);
  const out = new Float64Array(logits.length);
  let highest = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < out.length; i++) highest = Math.max(highest, logits[i] as number);
  let sum = 0;
  for (let i = 0; i < out.length; i++) {
    const e = Math.exp(((logits[i] as number) - highest) / temperature);
    out[i] = e;
    sum += e;
  }
  for (let i = 0; i < out.length; i++) out[i] = (out[i] as number) / sum;
  return out;
}

/**
 * Sigmoid of each `logit / temperature`, each in [0, 1].
 * @throws RUNTIME_FAILED where a logit is NaN or infinite
 */
export function sigmoid(logits: Numbers, temperature = 1): Float64Array {
  checkFinite("sigmoid", logits);
  return Float64Array.from({ length: logits.length }, (_, i) => {
    const x = (logits[i] as number) / temperature;
    // Each branch takes exp of a negative number only, so that neither overflows.
    return x >= 0 ? 1 / (1 + Math.exp(-x)) : Math.exp(x) / (1 + Math.exp(x));
  });
}

/** Least distance of a probability from 0 and 1, so that its logit is finite. */
const margin = 1e-6;

/** ln p / (1 − p), with p held within (0, 1). */
export function logit(probability: number): number {
  const p = Math.min(1 - margin, Math.max(margin, probability));
  return Math.log(p / (1 - p));
}

/** Indices of the values from largest to smallest; equal values keep their order. */
export function rankDescending(values: Numbers): number[] {
  return Array.from({ length: values.length }, (_, i) => i).sort(
    (a, b) => (values[b] as number) - (values[a] as number),
  );
}

/** Index of the largest value, the first of equals; −1 for an empty list. */
export function argmax(values: Numbers): number {
  let best = values.length > 0 ? 0 : -1;
  for (let i = 1; i < values.length; i++) if ((values[i] as number) > (values[best] as number)) best = i;
  return best;
}
