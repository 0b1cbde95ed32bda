/** @file One training or test example: a text and whatever labels its corpus has. */
import type { PadTriple } from "../emotion/taxonomy.js";

/** Which side of the fence an example lies on. Test examples are never trained or tuned on. */
export type Split = "train" | "validation" | "test";

/** A text with the labels its corpus has; what is absent is masked in the loss, never filled in. */
export interface Example {
  /** Unique and stable: `learner/register-01-pupils:12`, `goemotions/eebbqej`. */
  readonly id: string;
  readonly text: string;
  readonly split: Split;
  /** Slice for reports: a register, a cluster, a domain. */
  readonly slice?: string;
  /** Main class index (0 to 40) and other classes clearly there too. */
  readonly emotion?: { readonly primary: number; readonly also: readonly number[] };
  /** Indices of the GoEmotions labels that hold (0 to 27). */
  readonly goemotions?: readonly number[];
  /** Learner-scale pleasure, arousal, dominance in [0, 1]. */
  readonly pad?: PadTriple;
  /** EmoBank-scale valence, arousal, dominance in [0, 1]: (published − 1) / 4. */
  readonly emobank?: PadTriple;
  /** In [0, 1]. */
  readonly readiness?: number;
  /** 0 to 5. */
  readonly support?: number;
  /**
   * What a corpus with other classes says of ours (class indices): these hold, none else of `among` does, and of the
   * classes outside `among` nothing is known. A softmax over `among` alone may learn from it.
   */
  readonly partial?: { readonly holds: readonly number[]; readonly among: readonly number[] };
}

/** A row that could not be read: reported, counted, never silently dropped. */
export interface BadRow {
  readonly file: string;
  readonly line: number;
  readonly reason: string;
}

/** A corpus as loaded: its examples, what could not be read, what was left out and why. */
export interface LoadedCorpus {
  readonly name: string;
  readonly examples: readonly Example[];
  readonly badRows: readonly BadRow[];
  /** Train rows removed because the same text stands in validation or test. */
  readonly duplicatesRemoved: number;
  /** Rows left out because none of their labels has a counterpart in Attune. */
  readonly unlabelled: number;
  /** SHA-256 over the files read, in name order. */
  readonly sha256: string;
}
