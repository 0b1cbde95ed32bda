/** @file What the package offers: `import { EmotionEngine } from "attune"`. */
export { AppError, type ErrorCode, errorCodes } from "./base/errors.js";
export type {
  Analysis,
  EmotionProbability,
  GoEmotionProbability,
  Pad,
  UncertainReason,
  WordInfluence,
} from "./emotion/analysis.js";
export { type GoEmotionLabel, goEmotionLabels } from "./emotion/goemotions.js";
export { type ReadinessState, readinessState, readinessStates } from "./emotion/readiness.js";
export { type SupportLabel, type SupportLevel, supportActions, supportLabels } from "./emotion/support.js";
export {
  type Emotion,
  type EmotionGroup,
  type EmotionId,
  emotionIds,
  emotionIndex,
  isEmotionId,
  type PadTriple,
  taxonomy,
} from "./emotion/taxonomy.js";
export { type AnalyzeOptions, EmotionEngine, type EngineOptions, type Settled } from "./engine/engine.js";
export { maxCharacters } from "./text/input.js";
