/** @file Where a learner's moments are kept: the contract that memory, and later a database, fulfil. */
import type { LearnerKey, Moment } from "./moment.js";

/**
 * What became of a moment handed in: moments arrive late and twice, and neither may bend what is known.
 * `outdated`: older than all that is kept of a learner of whom no more is kept, or past the age of what is kept.
 */
export type Appended = "added" | "duplicate" | "outdated";

/**
 * Moments by learner, in order of their time. Never mixes two learners or two tenants.
 * All calls refuse a key or moment that is none (INPUT_TYPE, INPUT_EMPTY, INPUT_TOO_LONG, INPUT_ENCODING) and may
 * fail with HISTORY_FAILED where the store behind them does.
 */
export interface History {
  /** Whether messages are kept as well. Where it is not `true`, no text is ever handed in by the engine. */
  readonly keepsText?: boolean | undefined;
  /**
   * Keeps a moment, sorted in by its time. The same moment twice (same time, same content) is kept once.
   * @throws HISTORY_FAILED when it could not be kept: nothing is then half kept
   */
  append(key: LearnerKey, moment: Moment): Promise<Appended>;
  /** The last `limit` moments, oldest first; empty for a learner nobody knows. */
  recent(key: LearnerKey, limit: number): Promise<readonly Moment[]>;
  /** Forgets a learner. @returns how many moments were forgotten */
  erase(key: LearnerKey): Promise<number>;
  /** All that is known of a learner, oldest first: for their right to see it. */
  export(key: LearnerKey): Promise<readonly Moment[]>;
}
