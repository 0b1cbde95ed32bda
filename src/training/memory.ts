/** @file All numbers of a training run in one block of memory: weights, gradients, moments, averages. */
import { AppError } from "../base/errors.js";
import { allocateMemory, bindKernels, type Kernels, maxPages, pageBytes } from "./kernels.js";

/** Which learning rate a parameter follows. */
export type ParameterGroup = "encoder" | "heads";

/** One parameter as the optimizer sees it. */
export interface ParameterSpec {
  readonly name: string;
  readonly shape: readonly number[];
  readonly group: ParameterGroup;
  /** Whether weight decay applies; not to biases and norms. */
  readonly decay: boolean;
  /** A frozen parameter has weights only. */
  readonly frozen?: boolean;
  /** Multiplies the group's learning rate; 1 if left out. */
  readonly learningRateScale?: number;
}

/** What the memory holds for a parameter. */
export type Region = "weights" | "gradients" | "moment1" | "moment2" | "average" | "accumulated";

/** Neighbouring parameters with the same settings: one kernel call. `offset` and `count` are in floats within a region. */
export interface ParameterRange {
  readonly group: ParameterGroup;
  readonly decay: boolean;
  readonly learningRateScale: number;
  readonly offset: number;
  readonly count: number;
}

interface Slot {
  readonly spec: ParameterSpec;
  readonly offset: number;
  readonly count: number;
}

/** Floats in 64 bytes: a cache line, and the block the kernels work in. */
const lineFloats = 16;

const padded = (count: number): number => Math.ceil(count / lineFloats) * lineFloats;

/**
 * One fixed WebAssembly memory laid out `[W | G | M | V | average? | accumulated?]`. Trainable parameters come first in
 * every region, ordered by their settings, so that the optimizer needs only a few kernel calls; frozen ones stand at the
 * end of W. Each starts on a 64-byte line and the gap to the next is zero. Views stay valid for the memory's life.
 */
export class ParameterMemory {
  readonly kernels: Kernels;
  /** Trainable parameters merged by setting. */
  readonly ranges: readonly ParameterRange[];
  /** Floats of a region of trainable parameters, gaps included. */
  readonly trainableCount: number;
  /** Bytes of the whole block. */
  readonly bytes: number;
  readonly #buffer: ArrayBuffer;
  readonly #slots: ReadonlyMap<string, Slot>;
  readonly #regions: ReadonlyMap<Region, { readonly address: number; readonly count: number }>;
  readonly #views = new Map<string, Float32Array>();

  /**
   * @param options.ema keep a moving average of the weights
   * @param options.accumulate keep a sum of gradients over several batches
   * @throws OUT_OF_MEMORY when more than 4 GiB would be needed or the system does not give it
   */
  constructor(
    specs: readonly ParameterSpec[],
    options: { readonly ema: boolean; readonly accumulate: boolean },
  ) {
    const { slots, trainable, total } = arrange(specs);
    this.#slots = slots;
    this.ranges = mergeRanges(slots);
    this.trainableCount = trainable;

    const regions = new Map<Region, { address: number; count: number }>();
    const order: Region[] = ["weights", "gradients", "moment1", "moment2"];
    if (options.ema) order.push("average");
    if (options.accumulate) order.push("accumulated");
    let address = 0;
    for (const region of order) {
      const count = region === "weights" ? total : trainable;
      regions.set(region, { address, count });
      address += count * 4;
    }
    this.#regions = regions;
    this.bytes = address;
    const memory = allocate(address);
    this.#buffer = memory.buffer;
    this.kernels = bindKernels(memory);
  }

  /** All specs in the order of the memory: trainable ones first. */
  get specs(): readonly ParameterSpec[] {
    return [...this.#slots.values()].map((slot) => slot.spec);
  }

  /** Whether the memory has this region. */
  has(region: Region): boolean {
    return this.#regions.has(region);
  }

  /** `[shape of name]` */
  weights(name: string): Float32Array {
    return this.#view("weights", name);
  }

  /** `[shape of name]`; a trainable parameter's only. */
  gradient(name: string): Float32Array {
    return this.#view("gradients", name);
  }

  /** First moment, `[shape of name]`; a trainable parameter's only. */
  moment1(name: string): Float32Array {
    return this.#view("moment1", name);
  }

  /** Second moment, `[shape of name]`; a trainable parameter's only. */
  moment2(name: string): Float32Array {
    return this.#view("moment2", name);
  }

  /** Moving average of the weights, `[shape of name]`; a frozen parameter's is its weights. */
  average(name: string): Float32Array {
    const frozen = this.#slot(name).spec.frozen === true;
    return this.#view(frozen ? "weights" : "average", name);
  }

  /** A whole region with its gaps. */
  all(region: Region): Float32Array {
    const { address, count } = this.#region(region);
    return new Float32Array(this.#buffer, address, count);
  }

  /** Byte address of a region, plus `offset` floats: for the kernels. */
  address(region: Region, offset = 0): number {
    return this.#region(region).address + offset * 4;
  }

  /** Copies the trainable part of one region over another. */
  copy(from: Region, to: Region): void {
    const start = this.address(from);
    new Uint8Array(this.#buffer).copyWithin(this.address(to), start, start + this.trainableCount * 4);
  }

  /** Sets a region to zero; the frozen weights stay. */
  clear(region: Region): void {
    this.kernels.zero(this.address(region), this.trainableCount);
  }

  #view(region: Region, name: string): Float32Array {
    const key = `${region}/${name}`;
    let view = this.#views.get(key);
    if (view === undefined) {
      const { spec, offset, count } = this.#slot(name);
      if (spec.frozen === true && region !== "weights") {
        throw new AppError(
          "INTERNAL",
          `memory: expected a trainable parameter, got ${name}, which is frozen and has no ${region}`,
        );
      }
      view = new Float32Array(this.#buffer, this.address(region, offset), count);
      this.#views.set(key, view);
    }
    return view;
  }

  #slot(name: string): Slot {
    const slot = this.#slots.get(name);
    if (slot === undefined) throw new AppError("INTERNAL", `memory: expected a known parameter, got ${name}`);
    return slot;
  }

  #region(region: Region): { readonly address: number; readonly count: number } {
    const found = this.#regions.get(region);
    if (found === undefined) {
      throw new AppError(
        "INTERNAL",
        `memory: expected a region that was asked for, got ${region}; construct with it`,
      );
    }
    return found;
  }
}

/** Places every parameter: trainable ones by setting, then frozen ones, each from a new line on. */
function arrange(specs: readonly ParameterSpec[]): {
  slots: Map<string, Slot>;
  trainable: number;
  total: number;
} {
  const setting = (spec: ParameterSpec): string =>
    `${spec.group} ${spec.decay} ${spec.learningRateScale ?? 1}`;
  const bySetting = new Map<string, ParameterSpec[]>();
  for (const spec of specs.filter((spec) => spec.frozen !== true)) {
    const same = bySetting.get(setting(spec)) ?? [];
    same.push(spec);
    bySetting.set(setting(spec), same);
  }
  const slots = new Map<string, Slot>();
  let total = 0;
  const place = (spec: ParameterSpec): void => {
    if (slots.has(spec.name)) {
      throw new AppError("INTERNAL", `memory: expected every parameter once, got ${spec.name} twice`);
    }
    const count = spec.shape.reduce((product, size) => product * size, 1);
    slots.set(spec.name, { spec, offset: total, count });
    total += padded(count);
  };
  for (const same of bySetting.values()) for (const spec of same) place(spec);
  const trainable = total;
  for (const spec of specs) if (spec.frozen === true) place(spec);
  return { slots, trainable, total };
}

function mergeRanges(slots: ReadonlyMap<string, Slot>): ParameterRange[] {
  const ranges: ParameterRange[] = [];
  for (const { spec, offset, count } of slots.values()) {
    if (spec.frozen === true) continue;
    const { group, decay, learningRateScale = 1 } = spec;
    const last = ranges.at(-1);
    const joins =
      last?.group === group && last.decay === decay && last.learningRateScale === learningRateScale;
    if (last !== undefined && joins) {
      ranges[ranges.length - 1] = { ...last, count: last.count + padded(count) };
    } else {
      ranges.push({ group, decay, learningRateScale, offset, count: padded(count) });
    }
  }
  return ranges;
}

function allocate(bytes: number): ReturnType<typeof allocateMemory> {
  const gib = (bytes / 2 ** 30).toFixed(2);
  const remedy = "freeze the embeddings or some layers, or train without ema or accumulate";
  const pages = Math.max(1, Math.ceil(bytes / pageBytes));
  if (pages > maxPages) {
    throw new AppError(
      "OUT_OF_MEMORY",
      `memory: expected parameters, gradients and moments of at most 4 GiB, got ${gib} GiB; ${remedy}`,
    );
  }
  try {
    return allocateMemory(pages);
  } catch (error) {
    throw new AppError(
      "OUT_OF_MEMORY",
      `memory: expected ${gib} GiB from the system, got a refusal; close other programs, or ${remedy}`,
      { cause: error },
    );
  }
}
