/** @file What trained weights are taken from: a run, or a model as it ships. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { AppError } from "../../base/errors.js";
import { headLabels } from "../../emotion/labels.js";
import { locateModel } from "../../engine/location.js";
import { readModelDirectory } from "../../model/folder/directory.js";
import { fillPositions } from "../../model/position-table.js";
import { readStoredWeights } from "../../model/rounding/stored-weights.js";
import { runFiles } from "../record/run-folder.js";
import type { WeightSource } from "./average.js";
import type { Base } from "./base.js";
import { loadRun } from "./trained-run.js";

/** A run or a model, and where it lies. */
export interface Source {
  readonly kind: "run" | "model";
  readonly folder: string;
}

/**
 * Finds out which of the two a folder is; a bare name may also be a shipped model's.
 * @param use what it is wanted for, for the message
 * @throws CHECKPOINT_NOT_FOUND where it is neither
 */
export function locateSource(nameOrFolder: string, use: string): Source {
  if (existsSync(join(nameOrFolder, runFiles.experiment))) return { kind: "run", folder: nameOrFolder };
  try {
    return { kind: "model", folder: locateModel(nameOrFolder) };
  } catch (error) {
    throw new AppError(
      "CHECKPOINT_NOT_FOUND",
      `${use} ${nameOrFolder}: expected the folder of a run (${runFiles.experiment}) or a model (model.json), found neither; name one that \`attune train\` wrote, or a shipped model such as attune-small`,
      { cause: error },
    );
  }
}

/**
 * The weights of a run or a model.
 * @param base what they are weights of
 * @param use what they are wanted for, for messages
 * @throws CONFIG_INVALID when a model reads text otherwise than the base
 * @throws as `locateSource`, `loadRun`, `readModelDirectory`, `readStoredWeights`
 */
export async function loadSource(nameOrFolder: string, base: Base, use: string): Promise<WeightSource> {
  const { kind, folder } = locateSource(nameOrFolder, use);
  return kind === "run" ? loadRun(folder) : loadModel(folder, base, use);
}

/** A model as weights; positions its windows do not reach are the base's own. */
async function loadModel(folder: string, base: Base, use: string): Promise<WeightSource> {
  const { manifest, modelBytes, tokenizer } = await readModelDirectory(folder, headLabels);
  if (JSON.stringify(tokenizer) !== JSON.stringify(base.tokenizerFile)) {
    throw new AppError(
      "CONFIG_INVALID",
      `${use} ${folder}: expected a model that reads text as the experiment does, got another tokenizer; set base and emoji as that model was trained (attune-small: "minilm", "names")`,
    );
  }
  const stored = readStoredWeights(modelBytes, base.parameters, folder);
  const { steps, epochs, minutes } = manifest.training;
  return {
    experiment: { name: `${manifest.name}-${manifest.version}` },
    weights: fillPositions(stored, base.initial),
    state: { step: steps, epoch: epochs, seconds: 60 * minutes },
  };
}
