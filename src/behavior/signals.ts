/** @file What a platform may know of how a learner works, beside what they write: every signal optional, its unit in its name. */

/**
 * Signals of one step of work. What a platform does not know it leaves out: it is masked, never filled with a middle value.
 * @source the signals of intelligent tutoring systems: Baker, Corbett & Koedinger 2004 (gaming, hints), Aleven et al. 2006
 *   (bottom-out hints, help seeking), Wise & Kong 2005 (rapid guessing), Beck 2005 (response time and engagement).
 */
export interface Behavior {
  /** From the task being shown to the answer, ms. */
  readonly responseTimeMs?: number | undefined;
  /** Answers given to the task so far, this one included. */
  readonly attempts?: number | undefined;
  /** Hints asked for on the task. */
  readonly hintsUsed?: number | undefined;
  /** Hints that gave the answer away. */
  readonly bottomOutHints?: number | undefined;
  /** From the first sign of trouble to asking for help, ms. */
  readonly helpLatencyMs?: number | undefined;
  /** Whether the last answer was right. */
  readonly correct?: boolean | undefined;
  /** Right answers in a row before now; negative for wrong ones in a row. */
  readonly correctStreak?: number | undefined;
  /** Longest time without input during the step, ms. */
  readonly idleMs?: number | undefined;
  /** Whether the answer came faster than the task can be read. */
  readonly rapidGuess?: boolean | undefined;
  /** Tasks skipped in this session. */
  readonly skips?: number | undefined;
  /** Since the session began, ms. */
  readonly sessionLengthMs?: number | undefined;
  /** How hard the task is among the platform's tasks, [0, 1]. */
  readonly itemDifficulty?: number | undefined;
  /** On the task so far, ms. */
  readonly timeOnTaskMs?: number | undefined;
}

/** Name of a signal. */
export type BehaviorSignal = keyof Behavior;

/** What is known of a signal: its kind decides what is valid and how it is normalised. */
export type SignalKind = "milliseconds" | "count" | "signed-count" | "flag" | "share";

/** Every signal with its kind, in the one order in which features are laid out. */
export const behaviorSignals = {
  responseTimeMs: "milliseconds",
  attempts: "count",
  hintsUsed: "count",
  bottomOutHints: "count",
  helpLatencyMs: "milliseconds",
  correct: "flag",
  correctStreak: "signed-count",
  idleMs: "milliseconds",
  rapidGuess: "flag",
  skips: "count",
  sessionLengthMs: "milliseconds",
  itemDifficulty: "share",
  timeOnTaskMs: "milliseconds",
} as const satisfies Record<BehaviorSignal, SignalKind>;

/** Names of the signals in their one order. */
export const behaviorSignalNames = Object.keys(behaviorSignals) as readonly BehaviorSignal[];

/** What a step of work is about; none of it is stored as text of the learner. */
export interface LearningContext {
  readonly subject?: string | undefined;
  readonly activity?: string | undefined;
  /** BCP 47 tag of the language the learner works in. */
  readonly language?: string | undefined;
  readonly itemId?: string | undefined;
}
