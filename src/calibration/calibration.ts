/** @file What calibration learns on validation data and the engine applies: stored in `model.json`. */

/** Everything fitted on validation data after training. */
export interface Calibration {
  /** Softmax or sigmoid temperatures: logits are divided by these. */
  readonly temperatures: { readonly emotion: number; readonly goemotions: number; readonly support: number };
  /** Probabilities above which a GoEmotions label is said to hold: one per label `[28]`, and the best single one. */
  readonly thresholds: { readonly perLabel: readonly number[]; readonly global: number };
  /** Conformal prediction sets over the 41 classes. */
  readonly conformal: {
    readonly method: "raps";
    /** Share of messages whose set should hold the true class. */
    readonly coverage: number;
    /** Score up to which classes enter the set. */
    readonly quantile: number;
    /** Penalty for each class beyond `freeClasses`. */
    readonly penalty: number;
    readonly freeClasses: number;
  };
  /** When an answer is called uncertain. */
  readonly uncertainty: {
    /** Below this confidence the answer is `low_confidence`. */
    readonly minConfidence: number;
    /** Prediction sets larger than this are `many_plausible_emotions`. */
    readonly maxSetSize: number;
    /** Share of unknown tokens above which a text is `unfamiliar_text`. */
    readonly maxUnknownShare: number;
    /** Models calibrated before there was such a limit have none. */
    readonly familiarity?: FamiliarityLimit | undefined;
  };
  /** Expected calibration error before and after, on validation data. */
  readonly ece: Readonly<Record<string, { readonly before: number; readonly after: number }>>;
  /** Rows each head was fitted on. */
  readonly rows: Readonly<Record<string, number>>;
}

/** Which texts are too strange to be read with certainty. */
export interface FamiliarityLimit {
  /** Surprise above which a text is `unfamiliar_text`, nats a letter. */
  readonly maxSurprise: number;
  /** What surprise is measured by, as learned from the training texts; see `FamiliarityTable` in src/text. */
  readonly table: { readonly words: string; readonly commonShare: number; readonly letters: string };
}

/** Logits of one example by head, as the model puts them out. */
export interface HeadLogits {
  /** `[41]` */
  readonly emotion: Float32Array;
  /** `[28]` */
  readonly goemotions: Float32Array;
  /** `[3]`, before the sigmoid */
  readonly pad: Float32Array;
  /** `[3]`, before the sigmoid */
  readonly emobank: Float32Array;
  /** `[1]`, before the sigmoid */
  readonly readiness: Float32Array;
  /** `[6]` */
  readonly support: Float32Array;
}
