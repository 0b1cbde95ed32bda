/** @file What the main thread and the thread that trains say to each other. */
import type { ErrorCode } from "../base/errors.js";
import type { AnyExperiment } from "./kinds.js";
import type { RunOutcome } from "./loop.js";
import type { Undated } from "./record/event-log.js";

/** What the worker is started with. */
export interface WorkerData {
  readonly experiment: AnyExperiment;
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
