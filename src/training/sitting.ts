/** @file One sitting of a run: the loop from where it stands to its end, with everything that happens written down. */
import { toAppError } from "../base/errors.js";
import type { FoundCheckpoint } from "./checkpoint/checkpoint-folder.js";
import { Loop, type LoopParts, type RunOutcome } from "./loop.js";
import { EventLog, type Undated } from "./record/event-log.js";

/** How a run speaks to whoever started it. */
export interface RunOptions {
  /** Go on from the newest checkpoint of the folder instead of beginning. */
  readonly resume: boolean;
  /** Told of everything that happens. */
  readonly emit: (event: Undated) => void;
  /** Asked between steps: a checkpoint is written and the run ends. */
  readonly stopped: () => boolean;
}

/** What a sitting needs; it closes the task. */
export interface SittingParts extends Omit<LoopParts, "emit" | "stopped"> {
  readonly options: RunOptions;
  /** Rows, parameters and whatever else the log's first line should say; `trainRows` and `parameters` are shown. */
  readonly facts: Readonly<Record<string, string | number>>;
  /** What was not as it should be and yet does not keep the run from going on. */
  readonly warnings: (found: FoundCheckpoint | undefined) => readonly string[];
}

/**
 * Trains to the end of the plan, or until it is stale or stopped.
 * @throws TRAINING_DIVERGED, DISK_FULL, CHECKPOINT_NOT_FOUND, CHECKPOINT_MISMATCH, OUT_OF_MEMORY
 */
export async function runSitting(parts: SittingParts): Promise<RunOutcome> {
  const { options, folder, experiment, task } = parts;
  const { stopped } = options;
  let log: EventLog | undefined;
  const emit = (event: Undated): void => {
    log?.append(event);
    options.emit(event);
  };
  let step = 0;
  try {
    const loop = new Loop({ ...parts, emit, stopped });
    try {
      const found = options.resume ? loop.restore() : undefined;
      log = new EventLog(folder, loop.step);
      const { totalSteps, stepsPerEpoch } = loop.plan;
      const facts = { ...parts.facts, node: process.version };
      emit({
        type: "start",
        step: loop.step,
        totalSteps,
        stepsPerEpoch,
        experiment: { ...experiment },
        facts,
      });
      for (const message of parts.warnings(found)) emit({ type: "warning", step: loop.step, message });
      const outcome = await loop.run();
      emit({ type: "end", step: outcome.step, reason: outcome.reason, seconds: loop.seconds });
      return outcome;
    } finally {
      step = loop.step;
    }
  } catch (error) {
    const { code, message } = toAppError(error, "training");
    try {
      log?.append({ type: "error", step, code, message });
    } catch {
      // The log may be what failed; the first failure is the one to tell.
    }
    throw error;
  } finally {
    log?.close();
    await task.close();
  }
}
