/** @file One door to every corpus, so that an experiment names what it trains on. */
import { join } from "node:path";
import { AppError } from "../base/errors.js";
import { loadEmoBank } from "./corpora/emobank.js";
import { loadGoEmotions } from "./corpora/goemotions.js";
import { loadLearner } from "./corpora/learner.js";
import { loadLemotif } from "./corpora/lemotif.js";
import { loadOwn, type OwnOptions } from "./corpora/own.js";
import { loadXed } from "./corpora/xed.js";
import type { LoadedCorpus } from "./example.js";
import { dataFolder } from "./folders.js";
import type { MappingMode } from "./mapping.js";

/** The corpora Attune reads. */
export const corpusNames = ["learner", "goemotions", "emobank", "lemotif", "xed", "own"] as const;

/** One of them. */
export type CorpusName = (typeof corpusNames)[number];

/** How corpora are loaded; each reads what concerns it. */
export interface CorpusOptions {
  /** Folder that holds a folder for each corpus; by default `ATTUNE_DATA`, else the user's cache. Not for `learner`. */
  readonly dataFolder?: string;
  /** The corpus's own folder, wherever that is. */
  readonly folder?: string;
  /** GoEmotions labels as partial labels of the 41 classes too; `off` by default. */
  readonly mapping?: MappingMode;
  /** The user's file, for `own`. */
  readonly own?: OwnOptions;
}

/**
 * Loads a corpus by name.
 * @throws DATA_NOT_FOUND, DATA_INVALID, CONFIG_INVALID
 */
export async function loadCorpus(name: CorpusName, options: CorpusOptions = {}): Promise<LoadedCorpus> {
  const usual = options.dataFolder === undefined ? dataFolder(name) : join(options.dataFolder, name);
  const folder = options.folder ?? usual;
  switch (name) {
    case "learner":
      return loadLearner(options.folder);
    case "goemotions":
      return loadGoEmotions({ folder, mapping: options.mapping ?? "off" });
    case "emobank":
      return loadEmoBank(folder);
    case "lemotif":
      return loadLemotif(folder);
    case "xed":
      return loadXed(folder);
    case "own":
      if (options.own) return loadOwn(options.own);
      throw new AppError(
        "CONFIG_INVALID",
        "own: expected a file and its columns, got none; state `own` in the options",
      );
    default:
      throw new AppError(
        "CONFIG_INVALID",
        `corpus: expected one of ${corpusNames.join(", ")}, got ${String(name)}; correct the name`,
      );
  }
}
