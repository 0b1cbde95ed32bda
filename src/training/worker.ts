/** @file The thread a run trains in: it blocks while a batch is in the graph, so that the main thread need not. */
import { parentPort, workerData } from "node:worker_threads";
import { toAppError } from "../base/errors.js";
import { type AnyExperiment, isIntervention, isReadiness } from "./kinds.js";
import type { RunOutcome } from "./loop.js";
import type { FromWorker, WorkerData } from "./message.js";
import type { RunOptions } from "./sitting.js";

const { experiment, folder, resume, stop } = workerData as WorkerData;
const flag = new Int32Array(stop);
const send = (message: FromWorker): void => parentPort?.postMessage(message);

/** Loads what one kind of run needs and nothing of the others. */
async function runByKind(one: AnyExperiment, where: string, options: RunOptions): Promise<RunOutcome> {
  if (isReadiness(one)) return (await import("./readiness/run.js")).runReadiness(one, where, options);
  if (isIntervention(one)) {
    return (await import("./intervention/run.js")).runIntervention(one, where, options);
  }
  return (await import("./text/run.js")).runExperiment(one, where, options);
}

try {
  const outcome = await runByKind(experiment, folder, {
    resume,
    emit: (event) => send({ kind: "event", event }),
    stopped: () => Atomics.load(flag, 0) === 1,
  });
  send({ kind: "outcome", outcome });
} catch (error) {
  const { code, message, stack } = toAppError(error, "training");
  send({ kind: "error", code, message, stack: stack ?? "" });
}
