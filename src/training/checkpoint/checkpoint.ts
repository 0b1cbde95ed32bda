/** @file Saves a run so that it can go on as if nothing had happened: all of it or nothing, and checked on the way back. */
import { createHash } from "node:crypto";
import type { FileHandle } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { AppError } from "../../base/errors.js";
import { writeAll, writeAtomically } from "../../model/file.js";
import type { ParameterMemory, Region } from "../memory.js";
import { CheckpointFile, type CheckpointHeader, sealHeader } from "./checkpoint-file.js";

const whole = z.int().nonnegative();
const word = z.int().min(0).max(0xffffffff);

const stateSchema = z.strictObject({
  /** Optimizer steps taken. */
  step: whole,
  /** Epoch the next batch belongs to, from 0. */
  epoch: whole,
  /** Place of the next batch in its epoch, from 0. */
  batch: whole,
  totalSteps: whole,
  optimizer: z.strictObject({ step: whole }),
  /** Generators by their use: shuffling, dropout, augmentation … */
  random: z.record(z.string(), z.tuple([word, word, word, word]).readonly()),
  /** Best evaluations so far, best first. */
  best: z.array(z.strictObject({ step: whole, figure: z.number() })),
  /** Best value so far of the figure that early stopping watches; `null` before the first evaluation. */
  bestWatched: z.number().nullable().default(null),
  /** Evaluations since the figure of early stopping last improved. */
  evaluationsWithoutGain: whole,
  /** Whether the run was interrupted before it had measured this step: it does so before it goes on. */
  evaluationDue: z.boolean().default(false),
  /** `hashExperiment` of the run. */
  experimentHash: z.string(),
  /** Seconds of training so far, over all sittings. */
  seconds: z.number().nonnegative(),
});

/** What a run needs besides the numbers in its memory in order to go on. */
export type CheckpointState = z.input<typeof stateSchema>;

/**
 * `full` can be gone on from: weights, moments, average. `best` can be evaluated and exported: weights and average.
 * A full one is called `step-000500.ckpt`, a best one `best-000500.ckpt`.
 */
export type CheckpointKind = "full" | "best";

/** Path of a checkpoint. */
export function checkpointPath(folder: string, kind: CheckpointKind, step: number): string {
  return join(folder, `${kind === "full" ? "step" : "best"}-${String(step).padStart(6, "0")}.ckpt`);
}

interface Tensor {
  /** `w/…`, `m/…`, `v/…` or `ema/…`. */
  readonly name: string;
  readonly shape: readonly number[];
  readonly view: Float32Array;
}

const prefixes: readonly (readonly [prefix: string, region: Region, kinds: readonly CheckpointKind[]])[] = [
  ["w", "weights", ["full", "best"]],
  ["ema", "average", ["full", "best"]],
  ["m", "moment1", ["full"]],
  ["v", "moment2", ["full"]],
];

/** What a checkpoint of this memory holds, in the order of the file. */
function listTensors(memory: ParameterMemory, kind: CheckpointKind): Tensor[] {
  const views = {
    weights: (name: string) => memory.weights(name),
    average: (name: string) => memory.average(name),
    moment1: (name: string) => memory.moment1(name),
    moment2: (name: string) => memory.moment2(name),
  };
  const tensors: Tensor[] = [];
  for (const [prefix, region, kinds] of prefixes) {
    if (!kinds.includes(kind) || !memory.has(region)) continue;
    const view = views[region as keyof typeof views];
    for (const { name, shape, frozen } of memory.specs) {
      if (frozen !== true || region === "weights")
        tensors.push({ name: `${prefix}/${name}`, shape, view: view(name) });
    }
  }
  return tensors;
}

/**
 * Writes a checkpoint as safetensors, straight from the memory, atomically: whatever happens meanwhile, the file is
 * there as a whole or not at all, and those before it are untouched. The memory must not change until it resolves.
 * @param writeBytes how bytes reach the file; tests let it fail
 * @returns the path
 * @throws DISK_FULL, FILE_SYSTEM
 */
export async function saveCheckpoint(
  folder: string,
  memory: ParameterMemory,
  state: CheckpointState,
  kind: CheckpointKind = "full",
  writeBytes: (file: FileHandle, bytes: Uint8Array) => Promise<void> = writeAll,
): Promise<string> {
  const path = checkpointPath(folder, kind, state.step);
  const tensors = listTensors(memory, kind);
  const digest = createHash("sha256");
  const seal = sealHeader(JSON.stringify({ kind, ...stateSchema.parse(state) }), tensors);
  digest.update(seal.unsigned);
  for (const { view } of tensors) digest.update(view);
  const header = seal.sign(digest.digest("hex"));
  await writeAtomically(path, async (file) => {
    await writeBytes(file, header);
    for (const { view } of tensors) {
      await writeBytes(file, new Uint8Array(view.buffer, view.byteOffset, view.byteLength));
    }
  });
  return path;
}

/** How a checkpoint is read back. */
export interface LoadOptions {
  /** Refuse a checkpoint of another experiment. */
  readonly experimentHash?: string;
  /** Weights and average only, for evaluation and export; a `best` checkpoint has no more. */
  readonly weightsOnly?: boolean;
}

/**
 * Fills the memory from a checkpoint. Everything is checked before the first number is touched.
 * @returns what was saved with it
 * @throws CHECKPOINT_NOT_FOUND, FILE_SYSTEM
 * @throws CHECKPOINT_CORRUPT when a byte is not what was written
 * @throws CHECKPOINT_MISMATCH when it belongs to another model or experiment, or lacks the moments asked for
 */
export function loadCheckpoint(
  path: string,
  memory: ParameterMemory,
  options: LoadOptions = {},
): CheckpointState {
  const file = CheckpointFile.open(path);
  try {
    file.verify();
    const { kind, state } = readState(path, file.header);
    const wanted = listTensors(memory, options.weightsOnly ? "best" : "full");
    requireSame(path, kind, state, file.header, wanted, options);
    for (const { name, view } of wanted) file.readInto(name, view);
    return state;
  } finally {
    file.close();
  }
}

/**
 * Checks every byte of a checkpoint and reads its state.
 * @throws CHECKPOINT_NOT_FOUND, CHECKPOINT_CORRUPT, FILE_SYSTEM
 */
export function verifyCheckpoint(path: string): {
  readonly kind: CheckpointKind;
  readonly state: CheckpointState;
} {
  const file = CheckpointFile.open(path);
  try {
    file.verify();
    return readState(path, file.header);
  } finally {
    file.close();
  }
}

function readState(path: string, header: CheckpointHeader): { kind: CheckpointKind; state: CheckpointState } {
  const parsed = z
    .strictObject({ kind: z.enum(["full", "best"]), ...stateSchema.shape })
    .safeParse(header.state);
  if (!parsed.success) {
    throw new AppError(
      "CHECKPOINT_MISMATCH",
      `${path}: expected the state this version writes, got another (${z.prettifyError(parsed.error)}); resume with the version that wrote it`,
    );
  }
  const { kind, ...state } = parsed.data;
  return { kind, state };
}

function requireSame(
  path: string,
  kind: CheckpointKind,
  state: CheckpointState,
  header: CheckpointHeader,
  wanted: readonly Tensor[],
  options: LoadOptions,
): void {
  const refuse = (what: string): never => {
    throw new AppError("CHECKPOINT_MISMATCH", `${path}: ${what}`);
  };
  if (kind === "best" && !options.weightsOnly) {
    refuse("expected a checkpoint to go on from, got one of weights only; use the newest step-….ckpt");
  }
  if (options.experimentHash !== undefined && options.experimentHash !== state.experimentHash) {
    refuse(
      "expected a checkpoint of this experiment, got one of other settings; restore the run's experiment.json or start a new run",
    );
  }
  const names = new Set(wanted.map((tensor) => tensor.name));
  const missing = wanted.filter(({ name }) => !header.tensors.has(name)).map(({ name }) => name);
  const unexpected = [...header.tensors.keys()].filter(
    (name) => !names.has(name) && !(options.weightsOnly && /^[mv]\//.test(name)),
  );
  const misshapen = wanted.flatMap(({ name, shape }) => {
    const got = header.tensors.get(name)?.shape;
    return got === undefined || got.join() === shape.join() ? [] : [`${name} [${got}] instead of [${shape}]`];
  });
  const found = [
    ...(missing.length > 0 ? [`missing ${abridge(missing)}`] : []),
    ...(unexpected.length > 0 ? [`unexpected ${abridge(unexpected)}`] : []),
    ...(misshapen.length > 0 ? [`other shapes ${abridge(misshapen)}`] : []),
  ];
  if (found.length > 0) {
    refuse(
      `expected the parameters of this model, got ${found.join(", ")}; use the base, heads, freeze and ema it was trained with`,
    );
  }
}

function abridge(names: readonly string[]): string {
  return names.length <= 4
    ? names.join(", ")
    : `${names.slice(0, 4).join(", ")} and ${names.length - 4} more`;
}
