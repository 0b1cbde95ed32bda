/** @file What the package offers: `import { EmotionEngine } from "attune"`. */
export { AppError, type ErrorCode, errorCodes } from "./base/errors.js";
export {
  type Behavior,
  type BehaviorSignal,
  behaviorSignals,
  type LearningContext,
} from "./behavior/signals.js";
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
export { EmotionEngine, type EngineOptions, type Settled } from "./engine/engine.js";
export type { Appended, History } from "./history/history.js";
export { MemoryHistory, type MemoryHistoryOptions } from "./history/memory-history.js";
export type { Intervention, LearnerKey, MessageReading, Moment } from "./history/moment.js";
export { type MomentJson, momentFromJson, momentToJson } from "./history/moment-json.js";
export { lookback } from "./learner/learner-engine.js";
export {
  type SavedPopulation,
  TenantPopulations,
  type TenantPopulationsOptions,
} from "./learner/populations.js";
export type {
  AnalyzeOptions,
  LearnerMessage,
  LearnerName,
  LearnerStep,
  ObserveOptions,
} from "./learner/request.js";
export type {
  LearnerAnalysis,
  LearnerObservation,
  LearnerReadiness,
  LearnerStanding,
} from "./learner/standing.js";
export { type CrisisFinding, findCrisisLanguage } from "./policy/crisis-language.js";
export type { CrisisKind } from "./policy/crisis-phrases.js";
export type { DecidedBy, Decision, GuardName, LevelValue } from "./policy/decision.js";
export { listFeatures } from "./policy/features.js";
export type { GuardOptions } from "./policy/guards.js";
export { type FollowingStep, measureOutcome, type OutcomeMeasure } from "./policy/observed-outcome.js";
export type { OutcomeRow } from "./policy/outcome.js";
export type { AttendedMoment } from "./readiness/assessment.js";
export { maxCharacters } from "./text/input.js";
export type { Course, CourseTest } from "./trajectory/course.js";
export type { Ongoing, OngoingKind } from "./trajectory/ongoing.js";
export type { Movement, Trajectory, TrajectoryState } from "./trajectory/trajectory.js";
