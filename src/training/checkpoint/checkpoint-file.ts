/** @file The bytes of a checkpoint: a safetensors file whose header carries the run's state and a seal over everything. */
import { createHash } from "node:crypto";
import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { z } from "zod";
import { AppError, toAppError } from "../../base/errors.js";

/** Where a tensor lies, in bytes from the end of the header. */
export interface StoredRange {
  readonly shape: readonly number[];
  readonly start: number;
  readonly end: number;
}

/** A header as read. */
export interface CheckpointHeader {
  readonly tensors: ReadonlyMap<string, StoredRange>;
  /** The run's state, not yet checked. */
  readonly state: unknown;
}

/** Stands where the seal will be while the seal is computed. */
const unsealed = "0".repeat(64);
/** The seal is the first value of every header, so that its place is fixed. */
const opening = '{"__metadata__":{"sha256":"';
const sealStart = 8 + opening.length;
const chunkBytes = 2 ** 22;

/**
 * A header that awaits its seal: SHA-256 over the header, with zeros for the seal, and all data after it.
 * @param state JSON text
 */
export function sealHeader(
  state: string,
  tensors: readonly {
    readonly name: string;
    readonly shape: readonly number[];
    readonly view: Float32Array;
  }[],
): { readonly unsigned: Uint8Array; sign(sha256: string): Uint8Array } {
  let offset = 0;
  const entries = tensors.map(({ name, shape, view }) => {
    const start = offset;
    offset += view.byteLength;
    return [name, { dtype: "F32", shape, data_offsets: [start, offset] }] as const;
  });
  const json = JSON.stringify({
    __metadata__: { sha256: unsealed, format: "attune-checkpoint-1", state },
    ...Object.fromEntries(entries),
  });
  const text = Buffer.from(json);
  // Spaces up to a multiple of 64, so that the data keeps the memory's alignment.
  const bytes = Buffer.alloc(Math.ceil((8 + text.length) / 64) * 64, " ");
  bytes.writeBigUInt64LE(BigInt(bytes.length - 8));
  text.copy(bytes, 8);
  return {
    unsigned: Uint8Array.from(bytes),
    sign: (sha256) => {
      bytes.write(sha256, sealStart, "latin1");
      return bytes;
    },
  };
}

const size = z.int().nonnegative();
const headerSchema = z
  .object({ __metadata__: z.object({ format: z.literal("attune-checkpoint-1"), state: z.string() }) })
  .catchall(z.object({ dtype: z.literal("F32"), shape: z.array(size), data_offsets: z.tuple([size, size]) }));

/** An open checkpoint. Close it. */
export class CheckpointFile {
  readonly header: CheckpointHeader;
  readonly #path: string;
  readonly #file: number;
  readonly #bytes: number;
  readonly #dataStart: number;

  private constructor(path: string, file: number) {
    this.#path = path;
    this.#file = file;
    this.#bytes = fstatSync(file).size;
    const length = this.#bytes < 8 ? -1 : Number(this.#read(0, 8).readBigUInt64LE());
    if (length < 0 || length > this.#bytes - 8) this.#corrupt(`a header of ${length} bytes`);
    this.#dataStart = 8 + length;
    this.header = this.#parseHeader(length);
  }

  /** @throws CHECKPOINT_NOT_FOUND, CHECKPOINT_CORRUPT, FILE_SYSTEM */
  static open(path: string): CheckpointFile {
    let file: number;
    try {
      file = openSync(path, "r");
    } catch (error) {
      if (error instanceof Error && "code" in error && error.code === "ENOENT") {
        throw new AppError(
          "CHECKPOINT_NOT_FOUND",
          `${path}: expected a checkpoint, found no file; check the run's folder`,
          { cause: error },
        );
      }
      throw toAppError(error, `reading ${path}`, "FILE_SYSTEM");
    }
    try {
      return new CheckpointFile(path, file);
    } catch (error) {
      closeSync(file);
      throw toAppError(error, `reading ${path}`, "FILE_SYSTEM");
    }
  }

  /**
   * Holds every byte against the seal.
   * @throws CHECKPOINT_CORRUPT
   */
  verify(): void {
    const digest = createHash("sha256");
    const chunk = new Uint8Array(chunkBytes);
    let seal = "";
    for (let done = 0; done < this.#bytes; ) {
      const part = chunk.subarray(0, Math.min(chunkBytes, this.#bytes - done));
      this.#fill(done, part);
      if (done === 0) {
        const place = Buffer.from(part.buffer, sealStart, unsealed.length);
        seal = place.toString("latin1");
        place.write(unsealed, "latin1");
      }
      digest.update(part);
      done += part.length;
    }
    if (seal !== digest.digest("hex")) this.#corrupt("bytes that do not fit its seal");
  }

  /** Reads one tensor into `view`, which has its size. */
  readInto(name: string, view: Float32Array): void {
    const range = this.header.tensors.get(name);
    if (range === undefined || range.end - range.start !== view.byteLength) {
      throw new AppError(
        "INTERNAL",
        `${this.#path}: expected tensor ${name} of ${view.byteLength} bytes; check before reading`,
      );
    }
    this.#fill(this.#dataStart + range.start, new Uint8Array(view.buffer, view.byteOffset, view.byteLength));
  }

  close(): void {
    closeSync(this.#file);
  }

  #parseHeader(length: number): CheckpointHeader {
    let json: unknown;
    let state: unknown;
    const bytes = this.#read(8, length);
    if (!bytes.subarray(0, opening.length).equals(Buffer.from(opening))) this.#corrupt("another beginning");
    try {
      json = JSON.parse(bytes.toString("utf8"));
      const { __metadata__, ...entries } = headerSchema.parse(json);
      state = JSON.parse(__metadata__.state);
      const tensors = new Map<string, StoredRange>();
      let next = 0;
      for (const [name, { shape, data_offsets }] of Object.entries(entries)) {
        const [start, end] = data_offsets;
        const expected = shape.reduce((product, one) => product * one, 4);
        if (start !== next || end - start !== expected) this.#corrupt(`tensor ${name} at ${start} to ${end}`);
        tensors.set(name, { shape, start, end });
        next = end;
      }
      if (this.#dataStart + next !== this.#bytes)
        this.#corrupt(`${this.#bytes} bytes instead of ${this.#dataStart + next}`);
      return { tensors, state };
    } catch (error) {
      if (error instanceof AppError) throw error;
      return this.#corrupt("a header that cannot be read", error);
    }
  }

  #read(position: number, length: number): Buffer {
    const bytes = Buffer.alloc(length);
    this.#fill(position, bytes);
    return bytes;
  }

  #fill(position: number, bytes: Uint8Array): void {
    for (let done = 0; done < bytes.length; ) {
      const count = readSync(
        this.#file,
        bytes,
        done,
        Math.min(bytes.length - done, 2 ** 30),
        position + done,
      );
      if (count === 0) this.#corrupt(`an end at byte ${position + done}`);
      done += count;
    }
  }

  #corrupt(got: string, cause?: unknown): never {
    throw new AppError(
      "CHECKPOINT_CORRUPT",
      `${this.#path}: expected a whole checkpoint, got ${got}; resume from the one before it`,
      { cause },
    );
  }
}
