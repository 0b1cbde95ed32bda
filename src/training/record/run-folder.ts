/** @file The folder a run is kept in: what lies there, and when a new run may begin there. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { AppError, toAppError } from "../../base/errors.js";
import { listCheckpoints } from "../checkpoint/checkpoint-folder.js";
import { formatExperiment } from "../experiment.js";

/** Names of the files in a run's folder. */
export const runFiles = { experiment: "experiment.json", corpora: "corpora.json" } as const;

/** Prepares the folder: a new run must not overwrite another. @throws CHECKPOINT_MISMATCH, FILE_SYSTEM, DISK_FULL */
export function openFolder(
  folder: string,
  experiment: object,
  resume: boolean,
  corpora: readonly object[],
): void {
  try {
    mkdirSync(folder, { recursive: true });
    if (!resume && listCheckpoints(folder).length > 0) {
      throw new AppError(
        "CHECKPOINT_MISMATCH",
        `${folder}: expected an empty folder for a new run, found checkpoints; add --resume to go on, or choose another --run`,
      );
    }
    if (!resume) writeFileSync(join(folder, runFiles.experiment), formatExperiment(experiment));
    writeFileSync(join(folder, runFiles.corpora), `${JSON.stringify(corpora, null, 2)}\n`);
  } catch (error) {
    throw toAppError(error, `preparing ${folder}`, "FILE_SYSTEM");
  }
}
