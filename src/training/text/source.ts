/** @file What trained weights are taken from: the folder of a run, or of a model as it ships. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { AppError } from "../../base/errors.js";
import { locateModel } from "../../engine/location.js";
import { runFiles } from "../record/run-folder.js";

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
