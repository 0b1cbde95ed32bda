/** @file How well the product's own question is answered: 41 classes, affect, readiness and support on learner text. */
import type { Calibration } from "../calibration/calibration.js";
import { measureEce, type Outcome } from "../calibration/ece.js";
import { argmax, softmax } from "../calibration/probability.js";
import { selectiveAccuracy, traceRiskCoverage } from "../calibration/selective.js";
import { supportLabels } from "../emotion/support.js";
import { type EmotionId, emotionIds, emotionIndex } from "../emotion/taxonomy.js";
import { type BootstrapOptions, bootstrap } from "../metrics/bootstrap.js";
import { countConfusion, measureClasses, perClass, share } from "../metrics/classification.js";
import { measureOrdinal } from "../metrics/ordinal.js";
import {
  groupBy,
  indicesBelow,
  type Judgement,
  lengthSlice,
  measureCalibration,
  measureRegression,
  thin,
} from "./judgement.js";
import type { LearnerFigures, Measured, SliceFigures, SupportFigures } from "./result.js";

const classes = emotionIds.length;

/** One judged row, with classes as indices. */
interface Row {
  readonly judgement: Judgement;
  readonly truth: number;
  readonly prediction: number;
  readonly correct: boolean;
  readonly inTop3: boolean;
  readonly covered: boolean;
  readonly setSize: number;
  readonly outcome: Outcome;
  readonly outcomeBefore: Outcome;
}

function readRow(judgement: Judgement, truth: number): Row {
  const { analysis, raw } = judgement.inspection;
  const own = emotionIds[truth] as EmotionId;
  const correct = analysis.primaryEmotion === own;
  const plain = softmax(raw.emotion);
  const best = argmax(plain);
  return {
    judgement,
    truth,
    prediction: emotionIndex(analysis.primaryEmotion) as number,
    correct,
    inTop3: analysis.emotions.slice(0, 3).some(({ emotion }) => emotion === own),
    covered: analysis.predictionSet.includes(own),
    setSize: analysis.predictionSet.length,
    outcome: { confidence: analysis.confidence, correct },
    outcomeBefore: { confidence: plain[best] as number, correct: best === truth },
  };
}

function measureSlices(rows: readonly Row[]): SliceFigures[] {
  const slice =
    (by: SliceFigures["by"]) =>
    ([name, members]: [string, Row[]]): SliceFigures => ({
      by,
      name,
      rows: members.length,
      ...measureClasses(
        members.map((row) => row.truth),
        members.map((row) => row.prediction),
        classes,
        indicesBelow(members.length),
      ),
      ece: measureEce(members.map((row) => row.outcome)),
    });
  return [
    ...groupBy(rows, (row) => row.judgement.example.slice ?? "unnamed").map(slice("source")),
    ...groupBy(rows, (row) => lengthSlice(row.judgement.inspection.analysis.input.tokens)).map(
      slice("length"),
    ),
  ];
}

function measurePad(judgements: readonly Judgement[], options: BootstrapOptions): LearnerFigures["pad"] {
  const labelled = judgements.flatMap(({ example, inspection }) =>
    example.pad ? [{ truth: example.pad, pad: inspection.analysis.pad }] : [],
  );
  if (labelled.length === 0) return { skipped: "no row has pleasure, arousal and dominance" };
  const axis = (name: "pleasure" | "arousal" | "dominance", index: 0 | 1 | 2) =>
    measureRegression(
      labelled.map((row) => row.truth[index]),
      labelled.map((row) => row.pad[name]),
      options,
    );
  return {
    pleasure: axis("pleasure", 0),
    arousal: axis("arousal", 1),
    dominance: axis("dominance", 2),
    outOfRange: labelled
      .flatMap((row) => Object.values(row.pad))
      .filter((value) => !(value >= 0 && value <= 1)).length,
  };
}

function measureReadiness(
  judgements: readonly Judgement[],
  options: BootstrapOptions,
): LearnerFigures["readiness"] {
  const labelled = judgements.filter(({ example }) => example.readiness !== undefined);
  if (labelled.length === 0) return { skipped: "no row has a readiness score" };
  return measureRegression(
    labelled.map(({ example }) => example.readiness as number),
    labelled.map(({ inspection }) => inspection.analysis.readiness.score),
    options,
  );
}

function measureSupport(
  judgements: readonly Judgement[],
  options: BootstrapOptions,
): Measured<SupportFigures> {
  const labelled = judgements.filter(({ example }) => example.support !== undefined);
  if (labelled.length === 0) return { skipped: "no row has a support level" };
  const truths = labelled.map(({ example }) => example.support as number);
  const predictions = labelled.map(({ inspection }) => inspection.analysis.support.level);
  const levels = supportLabels.length;
  return {
    rows: labelled.length,
    ...bootstrap(
      labelled.length,
      (indices) => ({ ...measureOrdinal(truths, predictions, levels, indices) }),
      options,
    ),
    confusion: countConfusion(truths, predictions, levels),
  };
}

function measureUncertain(rows: readonly Row[]): LearnerFigures["uncertain"] {
  const uncertain = rows.filter((row) => row.judgement.inspection.analysis.uncertain !== false);
  const accuracy = (some: readonly Row[]): number | null =>
    some.length === 0 ? null : some.filter((row) => row.correct).length / some.length;
  return {
    share: share(uncertain.length, rows.length),
    accuracy: accuracy(uncertain),
    accuracyOtherwise: accuracy(rows.filter((row) => !uncertain.includes(row))),
  };
}

/** Means of flags or numbers over resampled rows. */
const meanOf = (values: readonly (number | boolean)[], indices: Int32Array): number =>
  indices.reduce((sum, i) => sum + Number(values[i]), 0) / indices.length;

/**
 * Measures judged learner text. Rows without a class are left out; without any, so is the part.
 * @param calibration the model's, for the coverage its sets promise
 */
export function measureLearner(
  judgements: readonly Judgement[],
  calibration: Calibration,
  options: BootstrapOptions,
): Measured<LearnerFigures> {
  const rows = judgements.flatMap((judgement) =>
    judgement.example.emotion ? [readRow(judgement, judgement.example.emotion.primary)] : [],
  );
  if (rows.length === 0) return { skipped: "no test row has an emotion" };
  const truths = Int32Array.from(rows, (row) => row.truth);
  const predictions = Int32Array.from(rows, (row) => row.prediction);
  const inTop3 = rows.map((row) => row.inTop3);
  const covered = rows.map((row) => row.covered);
  const sizes = rows.map((row) => row.setSize);
  const figures = bootstrap(
    rows.length,
    (indices) => ({
      ...measureClasses(truths, predictions, classes, indices),
      top3: meanOf(inTop3, indices),
      covered: meanOf(covered, indices),
      meanSize: meanOf(sizes, indices),
    }),
    options,
  );
  const confusion = countConfusion(truths, predictions, classes);
  const eachClass = perClass(confusion).map((figure, index) => ({
    emotion: emotionIds[index] as EmotionId,
    ...figure,
  }));
  const outcomes = rows.map((row) => row.outcome);
  return {
    rows: rows.length,
    accuracy: figures.accuracy,
    top3: figures.top3,
    macroF1: figures.macroF1,
    classesPredicted: eachClass.filter((figure) => figure.predicted > 0).length,
    neverPredicted: eachClass.filter((figure) => figure.predicted === 0).map((figure) => figure.emotion),
    perClass: eachClass,
    confusion,
    calibration: measureCalibration(
      rows.map((row) => row.outcomeBefore),
      outcomes,
      options,
    ),
    sets: {
      asked: calibration.conformal.coverage,
      covered: figures.covered,
      meanSize: figures.meanSize,
      sizes: Array.from({ length: classes + 1 }, (_, size) => sizes.filter((other) => other === size).length),
    },
    selective: {
      shares: [0.25, 0.5, 0.75, 0.9, 1].map((some) => ({
        share: some,
        accuracy: selectiveAccuracy(outcomes, some),
      })),
      curve: thin(traceRiskCoverage(outcomes), 200),
    },
    uncertain: measureUncertain(rows),
    pad: measurePad(judgements, options),
    readiness: measureReadiness(judgements, options),
    support: measureSupport(judgements, options),
    slices: measureSlices(rows),
  };
}
