/** @file The checkpoints of a run's folder: which there are, which to go on from, which to throw away. */
import { readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { AppError, toAppError } from "../../base/errors.js";
import { type CheckpointKind, type CheckpointState, verifyCheckpoint } from "./checkpoint.js";

/** A checkpoint's file, judged by its name only. */
export interface ListedCheckpoint {
  readonly path: string;
  readonly kind: CheckpointKind;
  readonly step: number;
}

/** A checkpoint that can be gone on from, and newer ones that turned out to be damaged. */
export interface FoundCheckpoint {
  readonly path: string;
  readonly state: CheckpointState;
  readonly damaged: readonly { readonly path: string; readonly reason: string }[];
}

/**
 * All checkpoints of a folder, newest first; none when there is no such folder.
 * @throws FILE_SYSTEM
 */
export function listCheckpoints(folder: string): ListedCheckpoint[] {
  return listFolder(folder)
    .flatMap((file) => {
      const [, prefix, step] = /^(step|best)-(\d+)\.ckpt$/.exec(file) ?? [];
      if (step === undefined) return [];
      const kind: CheckpointKind = prefix === "step" ? "full" : "best";
      return [{ path: join(folder, file), kind, step: Number(step) }];
    })
    .sort((a, b) => b.step - a.step);
}

/**
 * The newest undamaged checkpoint to go on from.
 * @throws CHECKPOINT_NOT_FOUND when there is none, or none that is undamaged
 */
export function findCheckpoint(folder: string): FoundCheckpoint {
  const damaged: { path: string; reason: string }[] = [];
  for (const { path, kind } of listCheckpoints(folder)) {
    if (kind !== "full") continue;
    try {
      return { path, state: verifyCheckpoint(path).state, damaged };
    } catch (error) {
      if (!(error instanceof AppError) || error.code !== "CHECKPOINT_CORRUPT") throw error;
      damaged.push({ path, reason: error.message });
    }
  }
  const got =
    damaged.length === 0 ? "none" : `only damaged ones (${damaged.map((one) => one.reason).join("; ")})`;
  throw new AppError(
    "CHECKPOINT_NOT_FOUND",
    `${folder}: expected a checkpoint to go on from, found ${got}; start the run anew`,
  );
}

/**
 * Removes all but the newest `keepLast` full checkpoints and the best ones of `bestSteps`, and what interrupted writes left.
 * @returns the files removed
 * @throws FILE_SYSTEM
 */
export function pruneCheckpoints(
  folder: string,
  { keepLast = 2, bestSteps }: { readonly keepLast?: number; readonly bestSteps: readonly number[] },
): string[] {
  const checkpoints = listCheckpoints(folder);
  const last = checkpoints.filter((one) => one.kind === "full").slice(0, keepLast);
  const surplus = checkpoints.filter((one) =>
    one.kind === "full" ? !last.includes(one) : !bestSteps.includes(one.step),
  );
  const leftovers = listFolder(folder).filter((file) => /\.ckpt\.tmp-/.test(file));
  const removed = [...surplus.map((one) => one.path), ...leftovers.map((file) => join(folder, file))];
  try {
    for (const path of removed) rmSync(path, { force: true });
  } catch (error) {
    throw toAppError(error, `removing old checkpoints in ${folder}`, "FILE_SYSTEM");
  }
  return removed;
}

function listFolder(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return [];
    throw toAppError(error, `reading ${folder}`, "FILE_SYSTEM");
  }
}
