/** @file How far a quantised model answers as the exact one did. */
import type { HeadLogits } from "../../calibration/calibration.js";
import { argmax, sigmoid } from "../../calibration/probability.js";
import type { Example } from "../../data/example.js";
import { measureFigures } from "./validation.js";

/**
 * On all rows: share of equal main emotions; differences (quantised − exact) of both macro-F1; largest and mean absolute
 * difference of the learner PAD.
 */
export function measureAgreement(
  examples: readonly Example[],
  quantized: readonly HeadLogits[],
  exact: readonly HeadLogits[],
): { argmax: number; macroF1Difference: number } & Record<string, number> {
  let equal = 0;
  let worst = 0;
  let total = 0;
  quantized.forEach((row, i) => {
    const other = exact[i] as HeadLogits;
    if (argmax(row.emotion) === argmax(other.emotion)) equal++;
    const pad = sigmoid(other.pad, 1);
    sigmoid(row.pad, 1).forEach((value, axis) => {
      const difference = Math.abs(value - (pad[axis] as number));
      worst = Math.max(worst, difference);
      total += difference;
    });
  });
  const after = measureFigures(examples, quantized);
  const before = measureFigures(examples, exact);
  const difference = (name: string): number => (after[name] ?? 0) - (before[name] ?? 0);
  return {
    argmax: equal / quantized.length,
    macroF1Difference: difference("emotion.macroF1"),
    goemotionsMacroF1Difference: difference("goemotions.macroF1"),
    padMeanDifference: total / (3 * quantized.length),
    padLargestDifference: worst,
    rows: quantized.length,
  };
}
