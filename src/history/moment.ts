/** @file One moment of a learner as it is remembered: what was read of a message, what was seen of the work, what was done. */
import type { Behavior, LearningContext } from "../behavior/signals.js";
import type { SupportLevel } from "../emotion/support.js";
import type { PadTriple } from "../emotion/taxonomy.js";

/** Whose moments: learners of different tenants never meet, even under the same id. */
export interface LearnerKey {
  /** Whoever runs the platform; `""` where there is only one. */
  readonly tenantId: string;
  readonly learnerId: string;
}

/** What the text model said of a message, in numbers: enough for all that looks back, and no text. */
export interface MessageReading {
  /** Calibrated probabilities, `[41]` in the order of `emotionIds`; sum to 1. */
  readonly emotion: readonly number[];
  /** Pleasure, arousal, dominance, each in [0, 1]. */
  readonly pad: PadTriple;
  /** Readiness by the text alone, [0, 1]. */
  readonly readiness: number;
  /** Probability of each support level by the text alone, `[6]`. */
  readonly support: readonly number[];
  /** The encoder's mean vector of the message, `[hidden]`. */
  readonly embedding: Float32Array;
  /** Model that read it: embeddings of different models must not be mixed. */
  readonly model: { readonly name: string; readonly version: string };
}

/** What was chosen to do, and how it came about: without the propensity nothing can be learned from it. */
export interface Intervention {
  readonly level: SupportLevel;
  /** `policy`, or `guard:NAME`. */
  readonly decidedBy: "policy" | `guard:${string}`;
  /** Probability with which this level was chosen, (0, 1]. */
  readonly propensity: number;
}

/** A moment. A step of work without a message has no `reading`, a message without signals no `behavior`. */
export interface Moment {
  /** When it was, ms since 1970. */
  readonly at: number;
  readonly reading?: MessageReading | undefined;
  readonly behavior?: Behavior | undefined;
  readonly context?: LearningContext | undefined;
  /** What was done about it. */
  readonly intervention?: Intervention | undefined;
  /** The message itself; kept only where a deployment asks for it. */
  readonly text?: string | undefined;
}
