/** @file Fits a `Calibration` on validation data: temperatures, thresholds, prediction sets and the limits of doubt. */
import { AppError } from "../base/errors.js";
import { headSizes } from "../base/head.js";
import type { Calibration, FamiliarityLimit, HeadLogits } from "./calibration.js";
import { fitConformal, predictSet } from "./conformal.js";
import { measureEce, type Outcome } from "./ece.js";
import { argmax, sigmoid, softmax } from "./probability.js";
import { type ClassRow, fitSigmoidTemperature, fitSoftmaxTemperature, type LabelRow } from "./temperature.js";
import { fitThresholds } from "./thresholds.js";
import { fitMaxSurprise, fitUncertainty } from "./uncertainty.js";

/** A validation example's logits beside whatever labels it has; any training `Example` fits. */
export interface LabelledLogits {
  readonly logits: HeadLogits;
  readonly example: {
    /** Main class, 0 to 40. */
    readonly emotion?: { readonly primary: number };
    /** GoEmotions labels that hold, each 0 to 27. */
    readonly goemotions?: readonly number[];
    /** 0 to 5. */
    readonly support?: number;
  };
  /** Share of unknown tokens in the text, [0, 1]. */
  readonly unknownShare?: number;
  /** Surprise of the text by `FitOptions.familiarity`, nats a letter. */
  readonly surprise?: number;
}

/** How to fit. */
export interface FitOptions {
  /** Share of messages whose prediction set should hold the true class, (0, 1); .9 by default. */
  readonly coverage?: number;
  /** Seed of the split of validation rows between the shape of the sets and their quantile; 0 by default. */
  readonly seed?: number;
  /** Accuracy under which an answer is called uncertain; .5 by default. */
  readonly minAccuracy?: number;
  /** What the rows' surprise was measured by; the previous limit stays where it is left out. */
  readonly familiarity?: FamiliarityLimit["table"];
  /** Kept for heads that no row has labels for; without it such heads stay uncalibrated. */
  readonly previous?: Calibration;
}

/** What a model has before anything is fitted: probabilities as they are, thresholds of .5, sets of every class. */
export const uncalibrated: Calibration = {
  temperatures: { emotion: 1, goemotions: 1, support: 1 },
  thresholds: { perLabel: Array.from({ length: headSizes.goemotions }, () => 0.5), global: 0.5 },
  conformal: { method: "raps", coverage: 1, quantile: 2, penalty: 0, freeClasses: headSizes.emotion },
  uncertainty: { minConfidence: 0, maxSetSize: headSizes.emotion, maxUnknownShare: 1 },
  ece: {},
  rows: { emotion: 0, goemotions: 0, support: 0 },
};

/** ECE of a softmax head: confidence of its best class against whether it is right. */
function softmaxEce(rows: readonly ClassRow[], temperature: number): number {
  return measureEce(
    rows.map((row): Outcome => {
      const probabilities = softmax(row.logits, temperature);
      const best = argmax(probabilities);
      return { confidence: probabilities[best] as number, correct: best === row.truth };
    }),
  );
}

/** ECE of a sigmoid head: every label of every row is an answer of its own. */
function sigmoidEce(rows: readonly LabelRow[], temperature: number): number {
  return measureEce(
    rows.flatMap((row) =>
      Array.from(
        sigmoid(row.logits, temperature),
        (confidence, label): Outcome => ({ confidence, correct: row.truths.includes(label) }),
      ),
    ),
  );
}

type HeadFit<Part extends keyof Calibration> = Pick<Calibration, Part> & {
  readonly temperature: number;
  readonly ece: { readonly before: number; readonly after: number };
};

function fitSoftmaxHead(rows: readonly ClassRow[]): HeadFit<never> {
  const temperature = fitSoftmaxTemperature(rows);
  return { temperature, ece: { before: softmaxEce(rows, 1), after: softmaxEce(rows, temperature) } };
}

function fitEmotion(
  rows: readonly (ClassRow & { readonly unknownShare: number })[],
  options: FitOptions,
): HeadFit<"conformal" | "uncertainty"> {
  const head = fitSoftmaxHead(rows);
  const judged = rows.map((row) => ({ ...row, probabilities: softmax(row.logits, head.temperature) }));
  const conformal = fitConformal(judged, options.coverage ?? 0.9, options.seed ?? 0);
  const uncertainty = fitUncertainty(
    judged.map(({ probabilities, truth, unknownShare }) => {
      const best = argmax(probabilities);
      const setSize = predictSet(probabilities, conformal).length;
      return { confidence: probabilities[best] as number, correct: best === truth, setSize, unknownShare };
    }),
    options.minAccuracy,
  );
  return { ...head, conformal, uncertainty };
}

function fitGoEmotions(rows: readonly LabelRow[]): HeadFit<"thresholds"> {
  const temperature = fitSigmoidTemperature(rows);
  const thresholds = fitThresholds(
    rows.map((row) => ({ probabilities: sigmoid(row.logits, temperature), truths: row.truths })),
  );
  return {
    temperature,
    thresholds,
    ece: { before: sigmoidEce(rows, 1), after: sigmoidEce(rows, temperature) },
  };
}

/**
 * Fits the limit of familiarity alone, on texts of any label.
 * @param table what their surprise was measured by
 * @returns `undefined` on too few texts, or without a table
 */
export function fitFamiliarity(
  rows: readonly Pick<LabelledLogits, "surprise">[],
  table: FamiliarityLimit["table"] | undefined,
): FamiliarityLimit | undefined {
  const surprises = rows.flatMap(({ surprise }) => (surprise === undefined ? [] : [surprise]));
  const maxSurprise = fitMaxSurprise(surprises);
  return table === undefined || maxSurprise === undefined ? undefined : { maxSurprise, table };
}

function withFamiliarity(
  uncertainty: Calibration["uncertainty"],
  familiarity: FamiliarityLimit | undefined,
): Calibration["uncertainty"] {
  return familiarity === undefined ? uncertainty : { ...uncertainty, familiarity };
}

/**
 * Fits everything serving needs from validation logits. A head that no row has labels for keeps what `previous` says of
 * it, or stays uncalibrated; `rows` of the result says on how many rows each head rests.
 * @throws DATA_INVALID on no rows, labels outside their head, or logits that are no numbers
 * @throws CONFIG_INVALID on a coverage outside (0, 1)
 */
export function fitCalibration(rows: readonly LabelledLogits[], options: FitOptions = {}): Calibration {
  if (rows.length === 0) {
    throw new AppError("DATA_INVALID", "calibration: expected validation rows, got none; give labelled data");
  }
  const emotionRows = rows.flatMap(({ logits, example, unknownShare = 0 }) =>
    example.emotion ? [{ logits: logits.emotion, truth: example.emotion.primary, unknownShare }] : [],
  );
  const goemotionsRows = rows.flatMap(({ logits, example }) =>
    example.goemotions ? [{ logits: logits.goemotions, truths: example.goemotions }] : [],
  );
  const supportRows = rows.flatMap(({ logits, example }) =>
    example.support === undefined ? [] : [{ logits: logits.support, truth: example.support }],
  );
  const base = options.previous ?? uncalibrated;
  const emotion = emotionRows.length > 0 ? fitEmotion(emotionRows, options) : undefined;
  const goemotions = goemotionsRows.length > 0 ? fitGoEmotions(goemotionsRows) : undefined;
  const support = supportRows.length > 0 ? fitSoftmaxHead(supportRows) : undefined;
  return {
    temperatures: {
      emotion: emotion?.temperature ?? base.temperatures.emotion,
      goemotions: goemotions?.temperature ?? base.temperatures.goemotions,
      support: support?.temperature ?? base.temperatures.support,
    },
    thresholds: goemotions?.thresholds ?? base.thresholds,
    conformal: emotion?.conformal ?? base.conformal,
    uncertainty: withFamiliarity(
      emotion?.uncertainty ?? base.uncertainty,
      fitFamiliarity(rows, options.familiarity) ?? base.uncertainty.familiarity,
    ),
    ece: {
      ...base.ece,
      ...(emotion && { emotion: emotion.ece }),
      ...(goemotions && { goemotions: goemotions.ece }),
      ...(support && { support: support.ece }),
    },
    rows: {
      ...base.rows,
      ...(emotion && { emotion: emotionRows.length }),
      ...(goemotions && { goemotions: goemotionsRows.length }),
      ...(support && { support: supportRows.length }),
    },
  };
}
