/** @file The thread a run trains in: it blocks while a batch is in the graph, so that the main thread need not. */
import { parentPort, workerData } from "node:worker_threads";
import { toAppError } from "../base/errors.js";
import type { FromWorker, WorkerData } from "./message.js";
import { runExperiment } from "./run.js";

const { experiment, folder, resume, stop } = workerData as WorkerData;
const flag = new Int32Array(stop);
const send = (message: FromWorker): void => parentPort?.postMessage(message);

try {
  const outcome = await runExperiment(experiment, folder, {
    resume,
    emit: (event) => send({ kind: "event", event }),
    stopped: () => Atomics.load(flag, 0) === 1,
  });
  send({ kind: "outcome", outcome });
} catch (error) {
  const { code, message, stack } = toAppError(error, "training");
  send({ kind: "error", code, message, stack: stack ?? "" });
}
