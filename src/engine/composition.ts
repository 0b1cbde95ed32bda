/** @file From a message's logits to the frozen `Analysis`: calibration, then the taxonomy's names. */
import { applyCalibration, doubtReason } from "../calibration/apply.js";
import type { Calibration, HeadLogits } from "../calibration/calibration.js";
import type { Analysis, WordInfluence } from "../emotion/analysis.js";
import { type GoEmotionLabel, goEmotionLabels } from "../emotion/goemotions.js";
import { readinessState } from "../emotion/readiness.js";
import { type SupportLevel, supportLabels } from "../emotion/support.js";
import { type EmotionId, emotionIds, type PadTriple } from "../emotion/taxonomy.js";

/** What the tokenizer saw of a message. */
export interface Reading {
  /** UTF-16 units. */
  readonly characters: number;
  readonly tokens: number;
  /** Tokens the vocabulary does not have. */
  readonly unknown: number;
  /** How strange the text is, nats a letter, where the model can tell. */
  readonly surprise?: number | undefined;
}

/** Which model answered, and how its logits are read. */
export interface ModelIdentity {
  readonly name: string;
  readonly version: string;
  readonly calibration: Calibration;
}

/** An analysis with what evaluation and calibration need beneath it. */
export interface Inspection {
  readonly analysis: Analysis;
  /** Logits before any temperature; of a long text: those of the pooled probabilities. */
  readonly raw: HeadLogits;
  /** Calibrated, `[28]`, in label order. */
  readonly goemotionsProbabilities: readonly number[];
  /** Valence, arousal, dominance on EmoBank's scale, each in [0, 1]. */
  readonly emobank: PadTriple;
}

/**
 * Reads logits as an analysis, deep-frozen. The support level is the most probable one, so that level and
 * probabilities never contradict each other in front of the reader.
 * @param analysisTimeMs known only once all is done, hence a function
 * @throws MODEL_SHAPE, RUNTIME_FAILED where the logits do not fit or are not finite
 */
export function composeAnalysis(
  raw: HeadLogits,
  reading: Reading,
  model: ModelIdentity,
  analysisTimeMs: () => number,
  explanation?: readonly WordInfluence[],
): Inspection {
  const prediction = applyCalibration(raw, model.calibration);
  const emotions = prediction.order.map((index) => ({
    emotion: emotionIds[index] as EmotionId,
    probability: prediction.emotion[index] as number,
  }));
  const [best] = emotions as [(typeof emotions)[number]];
  const uncertain = doubtReason(
    {
      confidence: best.probability,
      setSize: prediction.predictionSet.length,
      // A message of which the tokenizer keeps nothing is as unfamiliar as can be.
      unknownShare: reading.tokens === 0 ? 1 : reading.unknown / reading.tokens,
      surprise: reading.surprise,
    },
    model.calibration.uncertainty,
  );
  const [pleasure, arousal, dominance] = triple(prediction.pad);
  const level = prediction.supportLevel as SupportLevel;
  const analysis: Analysis = {
    primaryEmotion: best.emotion,
    confidence: best.probability,
    emotions,
    predictionSet: prediction.predictionSet.map((index) => emotionIds[index] as EmotionId),
    uncertain,
    // A head that no data taught says nothing, rather than what its random weights say.
    goemotions: (model.calibration.rows.goemotions === 0 ? [] : prediction.goemotionsAbove).map((index) => ({
      label: goEmotionLabels[index] as GoEmotionLabel,
      probability: prediction.goemotions[index] as number,
    })),
    pad: { pleasure, arousal, dominance },
    readiness: { score: prediction.readiness, state: readinessState(prediction.readiness) },
    support: { level, label: supportLabels[level], probabilities: [...prediction.support] },
    // Long texts are read in windows, so nothing is ever cut off.
    input: { characters: reading.characters, tokens: reading.tokens, truncated: false },
    model: { name: model.name, version: model.version },
    analysisTimeMs: analysisTimeMs(),
    ...(explanation === undefined ? {} : { explanation }),
  };
  return {
    analysis: freezeDeep(analysis),
    raw,
    goemotionsProbabilities: Object.freeze([...prediction.goemotions]),
    emobank: Object.freeze(triple(prediction.emobank)),
  };
}

function triple(values: Float64Array): PadTriple {
  return [values[0] as number, values[1] as number, values[2] as number];
}

function freezeDeep<T extends object>(value: T): T {
  for (const inner of Object.values(value))
    if (typeof inner === "object" && inner !== null) freezeDeep(inner);
  return Object.freeze(value);
}
