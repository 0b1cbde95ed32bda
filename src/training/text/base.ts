/** @file What a run starts from: an encoder with its tokenizer and weights, fetched or made small and random. */
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { AppError, toAppError } from "../../base/errors.js";
import { Random } from "../../base/random.js";
import { modelFolder } from "../../data/folders.js";
import { type EncoderConfig, readEncoderConfig } from "../../model/encoder-config.js";
import { layerOf, listEncoderParameters } from "../../model/encoder-parameters.js";
import { listHeadParameters } from "../../model/heads.js";
import { initializeParameters } from "../../model/parameter.js";
import { loadWeights } from "../../model/weights.js";
import { nameEmoji } from "../../text/emoji.js";
import { Tokenizer, withNamedEmoji } from "../../text/tokenizer.js";
import { buildVocabulary } from "../../text/vocabulary.js";
import type { Experiment } from "../experiment.js";
import { layerLearningRateScales } from "../optimizer.js";
import type { TrainedParameter } from "../trained-parameter.js";
import type { FirstWeights } from "../weights.js";

/** An encoder with its heads, ready to be trained. */
export interface Base extends FirstWeights {
  readonly name: string;
  readonly config: EncoderConfig;
  readonly tokenizer: Tokenizer;
  /** Parsed `tokenizer.json`, for the model directory. */
  readonly tokenizerFile: unknown;
}

const tinyVocabulary = 3000;

/**
 * Whether a parameter stays as it is: those of the lowest `layers`, and with `embeddings` all that comes before the first
 * layer (word and position tables, their norm, the relative positions' bias).
 */
export function isFrozen(name: string, { embeddings, layers }: Experiment["freeze"]): boolean {
  const layer = layerOf(name);
  if (layer === undefined) return false; // a head's
  return layer < 0 ? embeddings : layer < layers;
}

/** Marks what is frozen and scales learning rates by depth. */
function listParameters(config: EncoderConfig, experiment: Experiment): TrainedParameter[] {
  const { freeze, layerDecay } = experiment;
  const scales = layerLearningRateScales(config.layers, layerDecay);
  const encoder = listEncoderParameters(config).map((spec): TrainedParameter => {
    const layer = layerOf(spec.name) ?? -1;
    return { ...spec, frozen: isFrozen(spec.name, freeze), learningRateScale: scales[layer + 1] ?? 1 };
  });
  return [...encoder, ...listHeadParameters(config.hidden)];
}

/** Folder of an encoder: `minilm` and `mpnet` where `attune fetch` puts them, anything else is a path. @throws MODEL_NOT_FOUND */
function locateEncoder(base: string): string {
  const isPath = /[/\\.]/.test(base);
  const folder = isPath ? base : modelFolder(base);
  if (existsSync(folder)) return folder;
  const fetched = base === "minilm" || base === "mpnet";
  const remedy = fetched
    ? `run \`attune fetch ${base}\`, or set ATTUNE_MODELS to the folder that holds it`
    : "correct base: minilm or mpnet (`attune fetch minilm`), or the path of a folder (./name where it is beside you)";
  throw new AppError(
    "MODEL_NOT_FOUND",
    `base ${base}: expected an encoder in ${folder}, found no such folder; ${remedy}`,
  );
}

async function readTokenizer(folder: string): Promise<unknown> {
  const path = join(folder, "tokenizer.json");
  try {
    return JSON.parse(await readFile(path, "utf8"));
  } catch (error) {
    if (error instanceof SyntaxError) {
      throw new AppError(
        "TOKENIZER_INVALID",
        `${path}: expected JSON, got ${error.message}; fetch the encoder again`,
        { cause: error },
      );
    }
    throw toAppError(error, `reading ${path}`, "MODEL_NOT_FOUND");
  }
}

/** The tokenizer's file with what the experiment does to texts before. */
const describeTokenizer = (file: unknown, { emoji }: Experiment): unknown =>
  emoji === "names" ? withNamedEmoji(file) : file;

/**
 * Loads the base of an experiment and draws the heads' first weights from its seed.
 * @param texts training texts, from which a tiny base takes its vocabulary
 * @throws MODEL_NOT_FOUND, MODEL_FILE, CONFIG_INVALID, WEIGHTS_MISMATCH, TOKENIZER_INVALID
 */
export async function loadBase(experiment: Experiment, texts: () => readonly string[]): Promise<Base> {
  const random = Random.seeded(experiment.seed, "initial");
  if (typeof experiment.base !== "string") {
    const { tiny } = experiment.base;
    const named = (text: string): string => (experiment.emoji === "names" ? nameEmoji(text) : text);
    const tokenizerFile = describeTokenizer(buildVocabulary(texts().map(named), tinyVocabulary), experiment);
    const tokenizer = Tokenizer.fromJson(tokenizerFile);
    const config: EncoderConfig = {
      ...tiny,
      type: "bert",
      vocabularySize: tokenizer.vocabularySize,
      maxPositions: experiment.maxTokens,
      typeVocabularySize: 0,
      layerNormEpsilon: 1e-12,
      hiddenActivation: "gelu",
      padTokenId: tokenizer.padId,
      positionOffset: 0,
    };
    const parameters = listParameters(config, experiment);
    return {
      name: "tiny",
      config,
      tokenizer,
      tokenizerFile,
      parameters,
      initial: initializeParameters(parameters, random),
    };
  }
  const folder = locateEncoder(experiment.base);
  const config = await readEncoderConfig(folder);
  const tokenizerFile = describeTokenizer(await readTokenizer(folder), experiment);
  const parameters = listParameters(config, experiment);
  const weights = await loadWeights(folder, listEncoderParameters(config));
  const heads = initializeParameters(listHeadParameters(config.hidden), random);
  return {
    name: experiment.base,
    config,
    tokenizer: Tokenizer.fromJson(tokenizerFile),
    tokenizerFile,
    parameters,
    initial: new Map([...weights, ...heads]),
  };
}
