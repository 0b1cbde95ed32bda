/** @file What an engine is told when it is loaded: which models, where learners' moments are kept, how is decided for them. */
import type { History } from "../history/history.js";
import { type LearnerModels, ruleName } from "../learner/learner-models.js";
import type { TenantPopulations } from "../learner/populations.js";
import type { GuardOptions } from "../policy/guards.js";

/** How an engine is loaded. */
export interface EngineOptions {
  /** Name of a shipped model or a model folder; `attune-small` unless told. */
  readonly model?: string | undefined;
  /** ONNX Runtime execution provider; `cpu` unless told. */
  readonly device?: string | undefined;
  /** Threads the model may use; ONNX Runtime's choice unless told. */
  readonly threads?: number | undefined;
  /** Most windows in one batch; 32 unless told. */
  readonly maxBatch?: number | undefined;
  /** Where learners' moments are kept: a `MemoryHistory` with its usual limits unless told. */
  readonly history?: History | undefined;
  /**
   * Readiness model for learners over time: name of a shipped one or a folder, `attune-readiness` unless told, `false`
   * for none. It is loaded with the first learner; one that is named is loaded at once.
   */
  readonly readiness?: string | false | undefined;
  /**
   * What decides interventions: name of a shipped intervention model or a folder; `rule` for a rule written by hand;
   * `false` for nothing. Unless told, `attune-intervention` with the shipped readiness model and `rule` with another,
   * since an intervention model reads one readiness model alone. Needs readiness.
   */
  readonly intervention?: string | false | undefined;
  /** File of learned transitions between emotions; the shipped one unless told, `false` for none. */
  readonly transitions?: string | false | undefined;
  /** Settings of the guards over every decision; each is on unless told. */
  readonly guards?: GuardOptions | undefined;
  /**
   * Least probability with which each level of intervention is tried, so that outcomes can be learned from, [0, 1/6];
   * 0 unless told: nothing is tried for the sake of learning.
   */
  readonly exploration?: number | undefined;
  /**
   * What is usual on each platform, learned as it runs; a `TenantPopulations` with its usual limits unless told.
   * `false` for what was usual in training, whatever is seen: then no answer depends on other learners at all.
   */
  readonly populations?: TenantPopulations | false | undefined;
}

/** What an engine over parts already loaded may be told. */
export interface AssemblyOptions extends Pick<EngineOptions, "maxBatch" | "history" | "populations"> {
  /** Loads what looks at a learner over time; nothing does unless told. */
  readonly loadLearnerModels?: (() => Promise<LearnerModels>) | undefined;
  /** The time of a learner's moment where none is given, ms since 1970; `Date.now` unless told. */
  readonly now?: (() => number) | undefined;
}

/** The readiness model used where none is named. */
export const defaultReadiness = "attune-readiness";

/** What decides interventions where nothing is named: with the shipped readiness model, with another, with none. */
export function defaultIntervention(readiness: string | false): string | false {
  if (readiness === false) return false;
  return readiness === defaultReadiness ? "attune-intervention" : ruleName;
}
