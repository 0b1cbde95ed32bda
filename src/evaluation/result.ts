/** @file What an evaluation found: the shape of its JSON, which reports draw and gates look into. */
import type { ErrorCode } from "../base/errors.js";
import type { ReliabilityBin } from "../calibration/ece.js";
import type { RiskPoint } from "../calibration/selective.js";
import type { Analysis } from "../emotion/analysis.js";
import type { GoEmotionLabel } from "../emotion/goemotions.js";
import type { EmotionId } from "../emotion/taxonomy.js";
import type { Figure } from "../metrics/bootstrap.js";
import type { ClassFigures, Confusion } from "../metrics/classification.js";
import type { Expectation } from "./challenge-set.js";

/** Not measured, and why: never a figure in disguise. */
export interface Skipped {
  readonly skipped: string;
}

/** A part of an evaluation, or why it is missing. */
export type Measured<T> = T | Skipped;

/** Whether a part was left out. */
export function isSkipped(part: object): part is Skipped {
  return "skipped" in part;
}

/** Stated confidence against what came true; errors with the temperature at 1 and as calibrated. */
export interface CalibrationFigures {
  readonly eceBefore: number;
  readonly eceAfter: number;
  /** What honest confidence would show on so few answers: see `measureEceFloor`. */
  readonly eceFloor: number;
  readonly reliability: readonly ReliabilityBin[];
}

/** One regressed quantity in [0, 1]. */
export interface RegressionFigures {
  readonly rows: number;
  readonly r: Figure;
  readonly mae: Figure;
  /** Error of the best constant, the test truths' median; a model has learned something only below it. */
  readonly constantMae: number;
  /** Up to 600 pairs of truth and prediction, for drawing. */
  readonly points: readonly (readonly [truth: number, prediction: number])[];
}

/** Part of the rows by themselves. */
export interface SliceFigures {
  /** `length` in tokens, or `source`: register, cluster or domain. */
  readonly by: "length" | "source";
  readonly name: string;
  readonly rows: number;
  readonly accuracy: number;
  readonly macroF1: number;
  readonly ece: number;
}

/** Six levels of support. */
export interface SupportFigures {
  readonly rows: number;
  readonly accuracy: Figure;
  readonly withinOne: Figure;
  readonly kappa: Figure;
  /** Counts `[6][6]`, truth by prediction. */
  readonly confusion: Confusion;
}

/** The product's own question, on one kind of learner text. */
export interface LearnerFigures {
  readonly rows: number;
  readonly accuracy: Figure;
  readonly top3: Figure;
  readonly macroF1: Figure;
  /** Classes predicted at least once, of 41. */
  readonly classesPredicted: number;
  readonly neverPredicted: readonly EmotionId[];
  readonly perClass: readonly (ClassFigures & { readonly emotion: EmotionId })[];
  /** Counts `[41][41]`, truth by prediction. */
  readonly confusion: Confusion;
  readonly calibration: CalibrationFigures;
  readonly sets: {
    /** Share of sets that should hold the true class. */
    readonly asked: number;
    readonly covered: Figure;
    readonly meanSize: Figure;
    /** Number of sets by size, the place in the list being the size. */
    readonly sizes: readonly number[];
  };
  readonly selective: {
    readonly shares: readonly { readonly share: number; readonly accuracy: number }[];
    readonly curve: readonly RiskPoint[];
  };
  /** Answers called uncertain, and how right they and the others are. */
  readonly uncertain: {
    readonly share: number;
    readonly accuracy: number | null;
    readonly accuracyOtherwise: number | null;
  };
  readonly pad: Measured<{
    readonly pleasure: RegressionFigures;
    readonly arousal: RegressionFigures;
    readonly dominance: RegressionFigures;
    /** Values outside [0, 1]. */
    readonly outOfRange: number;
  }>;
  readonly readiness: Measured<RegressionFigures>;
  readonly support: Measured<SupportFigures>;
  readonly slices: readonly SliceFigures[];
}

/** Multi-label F1 under one way to choose thresholds. */
export interface F1Figures {
  readonly macroF1: Figure;
  readonly microF1: Figure;
}

/** The comparison with the world: GoEmotions' own test split. */
export interface GoEmotionsFigures {
  readonly rows: number;
  /** The engine's own decisions: per-label thresholds fitted on the dev split and stored in the model. */
  readonly fitted: F1Figures;
  readonly global: F1Figures & { readonly threshold: number };
  readonly half: F1Figures;
  /** Share of rows whose most probable label is one of the true ones. */
  readonly anyMatch: Figure;
  /** Under the fitted thresholds. */
  readonly perLabel: readonly (ClassFigures & {
    readonly label: GoEmotionLabel;
    readonly threshold: number;
  })[];
  readonly calibration: CalibrationFigures;
  readonly slices: readonly {
    readonly by: "length";
    readonly name: string;
    readonly rows: number;
    readonly macroF1: number;
    readonly microF1: number;
  }[];
}

/** The 41 classes on text by people, whose corpus knows only some of them. */
export interface PeopleFigures {
  readonly rows: number;
  /** Classes the corpus can name, of 41. */
  readonly classes: number;
  /** Share of rows whose class is the most probable among those the corpus can name. */
  readonly firstAmongItsOwn: Figure;
  /** Over those classes. */
  readonly macroF1: Figure;
  /** Share of rows whose class is the most probable of all 41. */
  readonly firstOfAll: Figure;
  /** Share of the corpus's commonest class: what always naming it would reach. */
  readonly commonest: number;
}

/** EmoBank's test split. */
export interface EmoBankFigures {
  readonly rows: number;
  readonly valence: RegressionFigures;
  readonly arousal: RegressionFigures;
  readonly dominance: RegressionFigures;
  readonly slices: readonly {
    readonly by: "source";
    readonly name: string;
    readonly rows: number;
    readonly valenceR: number;
    readonly arousalR: number;
    readonly dominanceR: number;
  }[];
}

/** Milliseconds for one message, warm. */
export interface Latency {
  readonly p50Ms: number;
  readonly p95Ms: number;
}

/** What a message costs. */
export interface SpeedFigures {
  /** Tokens of the message timed. */
  readonly tokens: number;
  readonly runs: number;
  readonly oneThread: Latency;
  readonly twoThreads: Latency;
  readonly batch: {
    readonly messages: number;
    readonly messagesPerSecond: number;
    readonly threads: number;
  };
}

/** One text at the edge and what became of it. */
export interface EdgeCase {
  readonly name: string;
  /** `answer`, or the documented error. */
  readonly expected: string;
  readonly got: string;
}

/** Strange texts: answered soundly, or refused with the documented error. */
export interface EdgeFigures {
  readonly tried: number;
  readonly failed: number;
  readonly cases: readonly EdgeCase[];
}

/** What an engine said of a challenge that it did not read as expected. */
export interface ChallengeAnswer {
  readonly emotion: EmotionId;
  readonly confidence: number;
  readonly pleasure: number;
  readonly uncertain: Analysis["uncertain"];
  /** Fields of the expectation that do not hold. */
  readonly missed: readonly (keyof Expectation)[];
}

/** An item that was not read as expected, or was refused with an error. */
export interface ChallengeFailure {
  readonly id: string;
  readonly text: string;
  readonly expected: Expectation;
  readonly got: ChallengeAnswer | { readonly error: ErrorCode };
}

/** How many items were read as expected. */
export interface ChallengeScore {
  readonly rows: number;
  /** Share of the items. */
  readonly asExpected: Figure;
  /** Number of the others, and of those that the engine itself called uncertain: a miss that warns does less harm. */
  readonly missed: number;
  readonly missedInDoubt: number;
  /** The one class that, always in doubt, meets most of the items: a model has read something only above it. */
  readonly constant: { readonly emotion: EmotionId; readonly share: number };
}

/** All challenge sets together and each by its name. */
export interface ChallengeFigures extends ChallengeScore {
  readonly sets: Readonly<
    Record<string, ChallengeScore & { readonly failures: readonly ChallengeFailure[] }>
  >;
}

/** Everything one evaluation found. */
export interface EvaluationResult {
  readonly formatVersion: 1;
  readonly model: Analysis["model"];
  readonly evaluatedAt: string;
  readonly seed: number;
  readonly resamples: number;
  readonly machine: { readonly cpu: string; readonly cores: number; readonly node: string };
  readonly goemotions: Measured<GoEmotionsFigures>;
  /** Held-out text of writers never trained on, the tenth of the inventive clusters held out, and a user's own data. */
  readonly learner: {
    readonly registers: Measured<LearnerFigures>;
    readonly clusters: Measured<LearnerFigures>;
    readonly own: Measured<LearnerFigures>;
  };
  readonly emobank: Measured<EmoBankFigures>;
  /** Journals (lemotif) and film subtitles (XED's test rows): how far scores on model-written text carry. */
  readonly people: { readonly lemotif: Measured<PeopleFigures>; readonly xed: Measured<PeopleFigures> };
  readonly challenges: Measured<ChallengeFigures>;
  readonly speed: Measured<SpeedFigures>;
  readonly edges: Measured<EdgeFigures>;
  readonly size: Measured<{ readonly bytes: number; readonly files: number }>;
}
