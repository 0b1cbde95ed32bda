/** @file Starts a run in a worker thread, relays what happens there, and keeps the page of the run up to date. */
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import { AppError, toAppError } from "../base/errors.js";
import type { AnyExperiment } from "./kinds.js";
import type { RunOutcome } from "./loop.js";
import type { FromWorker, WorkerData } from "./message.js";
import { eventLogPath, readEvents, type Undated } from "./record/event-log.js";
import { renderRunPage } from "./record/run-page.js";

/** A run in progress. */
export interface LaunchedRun {
  readonly outcome: Promise<RunOutcome>;
  /** Asks the run to write a checkpoint and end; it does so after the batch it is at. */
  stop(): void;
}

/** How often the page is drawn again while the run goes on. */
const pageIntervalMs = 15_000;

/** Draws the page of a run from its event log: `run.html` in its folder. @throws FILE_SYSTEM, DISK_FULL */
export function writeRunPage(folder: string): string {
  const path = join(folder, "run.html");
  try {
    writeFileSync(path, renderRunPage(readEvents(folder).events));
  } catch (error) {
    throw toAppError(error, `writing ${path}`, "FILE_SYSTEM");
  }
  return path;
}

/** Draws the last state of a run, however it ended; of a run that failed, its own failure is the one to tell. */
async function drawAtEnd(outcome: Promise<RunOutcome>, folder: string): Promise<RunOutcome> {
  try {
    const reached = await outcome;
    writeRunPage(folder);
    return reached;
  } catch (error) {
    if (existsSync(eventLogPath(folder))) {
      try {
        writeRunPage(folder);
      } catch {
        // A full disk fails twice.
      }
    }
    throw error;
  }
}

/** What ended a worker that could not say so itself. */
function describeCrash(error: unknown): AppError {
  if (error instanceof Error && "code" in error && error.code === "ERR_WORKER_OUT_OF_MEMORY") {
    return new AppError(
      "OUT_OF_MEMORY",
      `training: ${error.message}; train on less data at a time (share), or give Node more: NODE_OPTIONS=--max-old-space-size=8192`,
      { cause: error },
    );
  }
  return toAppError(error, "training");
}

/**
 * Trains in a worker thread.
 * @param onEvent told of every step, evaluation and checkpoint
 */
export function launchRun(
  experiment: AnyExperiment,
  folder: string,
  resume: boolean,
  onEvent: (event: Undated) => void,
): LaunchedRun {
  const stop = new SharedArrayBuffer(4);
  const data: WorkerData = { experiment, folder, resume, stop };
  const worker = new Worker(new URL("./worker.js", import.meta.url), { workerData: data });
  const outcome = new Promise<RunOutcome>((resolve, reject) => {
    let drawnAt = Date.now();
    let settled = false;
    const settle = (end: () => void): void => {
      settled = true;
      end();
    };
    worker.on("message", (message: FromWorker) => {
      if (message.kind === "outcome") settle(() => resolve(message.outcome));
      else if (message.kind === "error") {
        const cause = new Error(message.message);
        cause.stack = message.stack;
        settle(() => reject(new AppError(message.code, message.message, { cause })));
      } else {
        onEvent(message.event);
        if (Date.now() - drawnAt < pageIntervalMs) return;
        drawnAt = Date.now();
        try {
          writeRunPage(folder);
        } catch (error) {
          // A page that cannot be drawn now is no reason to end hours of training; at the end it is told.
          onEvent({
            type: "warning",
            step: message.event.step,
            message: toAppError(error, "run page").message,
          });
        }
      }
    });
    worker.on("error", (error) => settle(() => reject(describeCrash(error))));
    worker.on("exit", (code) => {
      if (!settled)
        reject(
          new AppError(
            "INTERNAL",
            `training: the worker ended with code ${code} and no word; run again with --resume`,
          ),
        );
    });
  });
  return { outcome: drawAtEnd(outcome, folder), stop: () => Atomics.store(new Int32Array(stop), 0, 1) };
}
