/** @file How a cohort of simulated learners is asked for. */
import type { Parameters } from "./parameter.js";
import type { PlatformProfile } from "./platform.js";
import type { KnowledgeGroup } from "./step.js";
import type { UtterancePool } from "./utterances.js";

/** What `createCohort` takes. */
export interface CohortOptions {
  /** How many learners, from 1. */
  readonly learners: number;
  /** Any whole number; the same seed gives the same learners with the same lives. */
  readonly seed: number;
  /** `defaultParameters` unless given. */
  readonly parameters?: Parameters;
  /** Weights of the knowledge groups; thirds unless given. */
  readonly groups?: Readonly<Record<KnowledgeGroup, number>>;
  /** The one platform all work on; by default each learner is on one of the four at random. */
  readonly platform?: PlatformProfile;
  /** Without it learners still write, but leave no index. */
  readonly utterances?: UtterancePool;
  /** When the first session begins, ms since 1970. */
  readonly startAt?: number;
}
