/** @file How the 28-label head fares on GoEmotions' test split, under each way to choose thresholds that others report. */
import { labelsAbove } from "../calibration/apply.js";
import type { Calibration } from "../calibration/calibration.js";
import type { Outcome } from "../calibration/ece.js";
import { type Numbers, sigmoid } from "../calibration/probability.js";
import { type GoEmotionLabel, goEmotionLabels } from "../emotion/goemotions.js";
import { type BootstrapOptions, bootstrap } from "../metrics/bootstrap.js";
import { isAnyMatch, type LabelGrid, layGrid, measureLabels, perLabel } from "../metrics/multi-label.js";
import { groupBy, indicesBelow, type Judgement, lengthSlice, measureCalibration } from "./judgement.js";
import type { GoEmotionsFigures, Measured } from "./result.js";

const labels = goEmotionLabels.length;

interface Row {
  readonly truths: readonly number[];
  readonly probabilities: Numbers;
  /** Labels the engine itself said hold. */
  readonly decided: readonly number[];
  readonly tokens: number;
}

function outcomesOf(truths: readonly number[], probabilities: Numbers): Outcome[] {
  return Array.from(probabilities, (confidence, label) => ({ confidence, correct: truths.includes(label) }));
}

/** Measures judged GoEmotions rows; those without its labels are left out. */
export function measureGoEmotions(
  judgements: readonly Judgement[],
  calibration: Calibration,
  options: BootstrapOptions,
): Measured<GoEmotionsFigures> {
  const labelled = judgements.filter(({ example }) => example.goemotions !== undefined);
  if (labelled.length === 0) return { skipped: "no test row has GoEmotions labels" };
  const rows = labelled.map(
    ({ example, inspection }): Row => ({
      truths: example.goemotions ?? [],
      probabilities: inspection.goemotionsProbabilities,
      decided: inspection.analysis.goemotions.map(({ label }) => goEmotionLabels.indexOf(label)),
      tokens: inspection.analysis.input.tokens,
    }),
  );
  const gridAt = (threshold: number): LabelGrid =>
    layGrid(
      labels,
      rows.map(({ truths, probabilities }) => ({
        truths,
        decided: labelsAbove(
          probabilities,
          Array.from({ length: labels }, () => threshold),
        ),
      })),
    );
  const measure = (grid: LabelGrid) =>
    bootstrap(grid.rows, (indices) => ({ ...measureLabels(grid, indices) }), options);
  const fitted = layGrid(labels, rows);
  const matches = rows.map((row) => isAnyMatch(row.probabilities, row.truths));
  const { anyMatch } = bootstrap(
    rows.length,
    (indices) => ({ anyMatch: indices.reduce((sum, i) => sum + Number(matches[i]), 0) / indices.length }),
    options,
  );
  const { perLabel: thresholds, global } = calibration.thresholds;
  return {
    rows: rows.length,
    fitted: measure(fitted),
    global: { ...measure(gridAt(global)), threshold: global },
    half: measure(gridAt(0.5)),
    anyMatch,
    perLabel: perLabel(fitted).map((figures, label) => ({
      label: goEmotionLabels[label] as GoEmotionLabel,
      threshold: thresholds[label] as number,
      ...figures,
    })),
    calibration: measureCalibration(
      labelled.flatMap(({ example, inspection }) =>
        outcomesOf(example.goemotions ?? [], sigmoid(inspection.raw.goemotions)),
      ),
      rows.flatMap((row) => outcomesOf(row.truths, row.probabilities)),
      options,
    ),
    slices: groupBy(rows, (row) => lengthSlice(row.tokens)).map(([name, members]) => ({
      by: "length",
      name,
      rows: members.length,
      ...measureLabels(layGrid(labels, members), indicesBelow(members.length)),
    })),
  };
}
