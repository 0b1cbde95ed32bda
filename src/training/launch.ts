/** @file Starts a run in a worker thread, relays what happens there, and keeps the page of the run up to date. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import { AppError, type ErrorCode } from "../base/errors.js";
import type { Undated } from "./event-log.js";
import { readEvents } from "./event-log.js";
import type { Experiment } from "./experiment.js";
import type { RunOutcome } from "./loop.js";
import { renderRunPage } from "./run-page.js";

/** What the worker is started with. */
export interface WorkerData {
  readonly experiment: Experiment;
  readonly folder: string;
  readonly resume: boolean;
  /** One int32; 1 asks for a checkpoint and the end. */
  readonly stop: SharedArrayBuffer;
}

/** What the worker tells. */
export type FromWorker =
  | { readonly kind: "event"; readonly event: Undated }
  | { readonly kind: "outcome"; readonly outcome: RunOutcome }
  | { readonly kind: "error"; readonly code: ErrorCode; readonly message: string; readonly stack: string };

/** A run in progress. */
export interface LaunchedRun {
  readonly outcome: Promise<RunOutcome>;
  /** Asks the run to write a checkpoint and end; it does so after the batch it is at. */
  stop(): void;
}

/** How often the page is drawn again while the run goes on. */
const pageIntervalMs = 15_000;

/** Draws the page of a run from its event log: `run.html` in its folder. @throws FILE_SYSTEM */
export function writeRunPage(folder: string): string {
  const path = join(folder, "run.html");
  writeFileSync(path, renderRunPage(readEvents(folder).events));
  return path;
}

/**
 * Trains in a worker thread.
 * @param onEvent told of every step, evaluation and checkpoint
 */
export function launchRun(
  experiment: Experiment,
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
        writeRunPage(folder);
        drawnAt = Date.now();
      }
    });
    worker.on("error", (error) => settle(() => reject(error)));
    worker.on("exit", (code) => {
      if (!settled)
        reject(
          new AppError(
            "INTERNAL",
            `training: the worker ended with code ${code} and no word; run again with --resume`,
          ),
        );
    });
  }).finally(() => {
    writeRunPage(folder);
  });
  return { outcome, stop: () => Atomics.store(new Int32Array(stop), 0, 1) };
}
