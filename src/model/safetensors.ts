/** @file Reads and writes safetensors, the format base encoders are published in, treating every number in a header as a claim to be checked. */
import { type FileHandle, open } from "node:fs/promises";
import { z } from "zod";
import { AppError, toAppError } from "../base/errors.js";
import { isMissing, parseJson, writeAll, writeAtomically } from "./file.js";
import { widenBrain, widenHalf } from "./half.js";
import { countElements } from "./parameter.js";

/** Bytes an element takes, for the types that are read as weights. */
const weightBytes = { F32: 4, F16: 2, BF16: 2 } as const;
/** Bytes an element takes, for the types that are listed and not read: indices and masks, never weights. */
const otherBytes = { I64: 8, U64: 8, I32: 4, U32: 4, I16: 2, U16: 2, I8: 1, U8: 1, BOOL: 1 } as const;
const bytesOf: ReadonlyMap<string, number> = new Map(Object.entries({ ...otherBytes, ...weightBytes }));
/** The same bound the reference implementation sets. */
const maxHeaderBytes = 100_000_000;
const damaged = "the file is damaged or incomplete: fetch or export it again";

/** Element type of a tensor that holds weights. */
export type WeightType = keyof typeof weightBytes;

/** A tensor of a file, widened to fp32, row-major. */
export interface StoredTensor {
  /** Element type in the file. */
  readonly dtype: WeightType;
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/** What a safetensors file holds. */
export interface SafetensorsFile {
  readonly metadata: Readonly<Record<string, string>>;
  /** In the order of the file. */
  readonly tensors: Map<string, StoredTensor>;
  /** Integer and boolean tensors (such as `position_ids`), listed but not read. */
  readonly skipped: Map<string, { readonly dtype: string; readonly shape: readonly number[] }>;
}

const sizeSchema = z.number().int().nonnegative();
const entrySchema = z.strictObject({
  dtype: z.string(),
  shape: z.array(sizeSchema),
  data_offsets: z.tuple([sizeSchema, sizeSchema]),
});
const metadataSchema = z.record(z.string(), z.string());

interface Entry {
  readonly name: string;
  readonly dtype: string;
  readonly shape: readonly number[];
  /** Bytes, counted from the end of the header. */
  readonly start: number;
  readonly end: number;
}

/**
 * Reads a safetensors file; F16 and BF16 are widened to F32.
 * @throws MODEL_NOT_FOUND when the file is not there
 * @throws MODEL_FILE when it is truncated or malformed, or holds NaN, infinity or a type that cannot be read
 * @source https://github.com/huggingface/safetensors, "Format"
 */
export async function readSafetensors(path: string): Promise<SafetensorsFile> {
  let handle: FileHandle | undefined;
  try {
    handle = await open(path, "r");
    const { size } = await handle.stat();
    const { entries, metadata, dataStart } = await readHeader(handle, path, size);
    const tensors = new Map<string, StoredTensor>();
    const skipped: SafetensorsFile["skipped"] = new Map();
    for (const { name, dtype, shape, start, end } of entries) {
      if (!isWeightType(dtype)) {
        skipped.set(name, { dtype, shape });
        continue;
      }
      const bytes = await readExactly(handle, path, dataStart + start, end - start);
      const data = widen(dtype, bytes);
      requireFinite(data, path, name);
      tensors.set(name, { dtype, shape, data });
    }
    return { metadata, tensors, skipped };
  } catch (cause) {
    if (!isMissing(cause)) throw toAppError(cause, `reading ${path}`, "FILE_SYSTEM");
    throw new AppError(
      "MODEL_NOT_FOUND",
      `${path}: expected a safetensors file, found none; fetch the base encoder or correct the path`,
      { cause },
    );
  } finally {
    await handle?.close();
  }
}

/**
 * Writes fp32 tensors as safetensors, atomically: a crash or a full disk leaves the file before intact.
 * @throws MODEL_FILE when a tensor's data and shape disagree or it holds NaN or infinity: nothing is written
 * @throws DISK_FULL, FILE_SYSTEM
 */
export async function writeSafetensors(
  path: string,
  tensors: ReadonlyMap<string, { readonly shape: readonly number[]; readonly data: Float32Array }>,
  metadata: Readonly<Record<string, string>> = {},
): Promise<void> {
  const header: [string, unknown][] = [["__metadata__", metadata]];
  let offset = 0;
  for (const [name, { shape, data }] of tensors) {
    if (name === "__metadata__") fail(path, "tensor names other than __metadata__", name, "rename it");
    if (countElements(shape) !== data.length) {
      fail(path, `${name} to hold [${shape}]`, `${data.length} numbers`, "give the shape of the data");
    }
    requireFinite(data, path, name);
    header.push([name, { dtype: "F32", shape, data_offsets: [offset, offset + data.byteLength] }]);
    offset += data.byteLength;
  }
  const json = Buffer.from(JSON.stringify(Object.fromEntries(header)));
  const start = Buffer.alloc(8 + Math.ceil(json.length / 8) * 8, " "); // padded so that the data is aligned
  start.writeBigUInt64LE(BigInt(start.length - 8));
  json.copy(start, 8);
  await writeAtomically(path, async (handle) => {
    await writeAll(handle, start);
    for (const { data } of tensors.values()) {
      await writeAll(handle, new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
    }
  });
}

/** Reads and checks everything before the data, so that no later step can read out of bounds. */
async function readHeader(handle: FileHandle, path: string, size: number) {
  if (size < 8) fail(path, "at least 8 bytes", `${size}`, damaged);
  const length = Buffer.from(await readExactly(handle, path, 0, 8)).readBigUInt64LE();
  if (length > BigInt(maxHeaderBytes) || length > BigInt(size - 8)) {
    fail(path, `a header within the file's ${size} bytes`, `one of ${length} bytes`, damaged);
  }
  const dataStart = 8 + Number(length);
  const json = parseJson(await readExactly(handle, path, 8, Number(length)), `${path} (header)`, damaged);
  if (typeof json !== "object" || json === null || Array.isArray(json)) {
    fail(path, "a header that is a JSON object", JSON.stringify(json).slice(0, 40), damaged);
  }
  const { __metadata__: rawMetadata = {}, ...rawEntries } = json as Record<string, unknown>;
  const metadata = metadataSchema.safeParse(rawMetadata);
  if (!metadata.success) fail(path, "__metadata__ of strings", z.prettifyError(metadata.error), damaged);
  const entries = Object.entries(rawEntries).map(([name, raw]) => parseEntry(path, name, raw));
  entries.sort((a, b) => a.start - b.start || a.end - b.end);
  requireTiling(entries, path, size - dataStart);
  return { entries, metadata: metadata.data, dataStart };
}

function parseEntry(path: string, name: string, raw: unknown): Entry {
  const parsed = entrySchema.safeParse(raw);
  if (!parsed.success) {
    fail(path, `tensor ${name} with dtype, shape and data_offsets`, z.prettifyError(parsed.error), damaged);
  }
  const { dtype, shape, data_offsets } = parsed.data;
  const [start, end] = data_offsets;
  const width = bytesOf.get(dtype);
  if (width === undefined) {
    fail(path, `tensor ${name} as F32, F16 or BF16`, dtype, "save the weights in one of these types");
  }
  const bytes = countElements(shape) * width;
  if (end - start !== bytes) {
    fail(path, `tensor ${name} ${dtype} [${shape}] in ${bytes} bytes`, `${end - start}`, damaged);
  }
  return { name, dtype, shape, start, end };
}

/** The format wants tensors end to end from the first byte of data to the last: no overlap, no hole, no rest. */
function requireTiling(entries: readonly Entry[], path: string, dataBytes: number): void {
  let next = 0;
  for (const { name, start, end } of entries) {
    if (start !== next)
      fail(path, `tensor ${name} to begin at byte ${next} of the data`, `${start}`, damaged);
    if (end > dataBytes) fail(path, `${end} bytes of data for tensor ${name}`, `${dataBytes}`, damaged);
    next = end;
  }
  if (next !== dataBytes) fail(path, `${next} bytes of data`, `${dataBytes}`, damaged);
}

/** Reads into fresh memory, aligned for any element type, in pieces below the 2 GB a system call can take. */
async function readExactly(
  handle: FileHandle,
  path: string,
  position: number,
  length: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = new Uint8Array(length);
  for (let done = 0; done < length; ) {
    const { bytesRead } = await handle.read(bytes, done, Math.min(length - done, 2 ** 30), position + done);
    if (bytesRead === 0) fail(path, `${length} bytes at ${position}`, `${done}`, damaged);
    done += bytesRead;
  }
  return bytes;
}

function widen(dtype: WeightType, bytes: Uint8Array<ArrayBuffer>): Float32Array {
  if (dtype === "F32") return new Float32Array(bytes.buffer);
  const bits = new Uint16Array(bytes.buffer);
  return dtype === "F16" ? widenHalf(bits) : widenBrain(bits);
}

/** One branchless pass: `x · 0` is 0 for every finite x and NaN for the rest. */
function requireFinite(data: Float32Array, path: string, name: string): void {
  let sum = 0;
  for (let i = 0; i < data.length; i++) sum += (data[i] as number) * 0;
  if (sum === 0) return;
  const at = data.findIndex((x) => !Number.isFinite(x));
  fail(
    path,
    `finite weights in ${name}`,
    `${data[at]} at ${at}`,
    "the training that wrote it diverged: use another",
  );
}

function isWeightType(dtype: string): dtype is WeightType {
  return Object.hasOwn(weightBytes, dtype);
}

function fail(path: string, expected: string, got: string, remedy: string): never {
  throw new AppError("MODEL_FILE", `${path}: expected ${expected}, got ${got}; ${remedy}`);
}
