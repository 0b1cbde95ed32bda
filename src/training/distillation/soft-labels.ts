/** @file A teacher's answers as data, found by the text itself, so that a student needs no teacher. */
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { z } from "zod";
import { AppError, toAppError } from "../../base/errors.js";
import { type HeadName, headNames, headSizes } from "../../base/head.js";
import { isMissing } from "../../model/file.js";
import {
  keyBytes,
  keyOf,
  manifestSchema,
  recordBytes,
  recordBytesOf,
  type SoftLabelManifest,
  type TeacherLogits,
} from "./soft-label-format.js";

const remedy = "write them with `attune label`, or correct distillation.labels";

function damaged(folder: string, file: string, what: string): AppError {
  return new AppError("DATA_INVALID", `${join(folder, file)}: expected ${what}; ${remedy}`);
}

async function load(folder: string, file: string): Promise<Buffer> {
  try {
    return await readFile(join(folder, file));
  } catch (error) {
    if (!isMissing(error)) throw toAppError(error, `reading ${join(folder, file)}`, "FILE_SYSTEM");
    throw new AppError(
      "DATA_NOT_FOUND",
      `${join(folder, file)}: expected soft labels, found no such file; ${remedy}`,
      { cause: error },
    );
  }
}

/**
 * What a folder that `writeSoftLabels` wrote says of itself, without its answers.
 * @throws DATA_NOT_FOUND where there is none; DATA_INVALID where it is not what was written
 */
export async function readSoftLabelManifest(folder: string): Promise<SoftLabelManifest> {
  const bytes = await load(folder, "manifest.json");
  let json: unknown;
  try {
    json = JSON.parse(bytes.toString("utf8"));
  } catch {
    throw damaged(folder, "manifest.json", "JSON");
  }
  const parsed = manifestSchema.safeParse(json);
  if (parsed.success) return parsed.data;
  throw damaged(folder, "manifest.json", `a manifest of soft labels (${z.prettifyError(parsed.error)})`);
}

/** A teacher's answers, looked up by text. */
export class SoftLabels {
  readonly manifest: SoftLabelManifest;
  readonly #records: readonly Buffer[];
  readonly #recordBytes: number;
  readonly #places = new Map<string, { readonly file: number; readonly at: number }>();

  private constructor(manifest: SoftLabelManifest, records: readonly Buffer[]) {
    this.manifest = manifest;
    this.#records = records;
    this.#recordBytes = recordBytesOf(manifest);
    records.forEach((bytes, file) => {
      for (let at = 0; at < bytes.length; at += this.#recordBytes)
        this.#places.set(bytes.toString("hex", at, at + keyBytes), { file, at });
    });
  }

  /**
   * Reads a folder that `writeSoftLabels` wrote.
   * @throws DATA_NOT_FOUND where there is none; DATA_INVALID where a byte is not what was written
   */
  static async read(folder: string): Promise<SoftLabels> {
    const manifest = await readSoftLabelManifest(folder);
    const size = recordBytesOf(manifest);
    const records: Buffer[] = [];
    for (const { file, rows, sha256 } of manifest.files) {
      const bytes = await load(folder, file);
      if (createHash("sha256").update(bytes).digest("hex") !== sha256)
        throw damaged(folder, file, "the bytes that the manifest names by their SHA-256, got others");
      const record = gunzipSync(bytes);
      if (record.length !== rows * size) throw damaged(folder, file, `${rows} records of ${size} bytes`);
      records.push(record);
    }
    return new SoftLabels(manifest, records);
  }

  /** Texts there are answers for. */
  get size(): number {
    return this.#places.size;
  }

  /** Whether it says how alike texts are, and not only what each is. */
  get hasVectors(): boolean {
    return this.manifest.vector !== undefined;
  }

  /** What the teacher said of a text; `undefined` where it was not asked. Softmax heads have their largest logit at 0. */
  find(text: string): TeacherLogits | undefined {
    const record = this.#recordOf(text);
    if (record === undefined) return undefined;
    let at = keyBytes;
    const logits = {} as Record<HeadName, Float32Array>;
    for (const head of headNames) {
      const { low, step } = this.manifest.heads[head];
      logits[head] = Float32Array.from(
        { length: headSizes[head] },
        () => low + step * (record[at++] as number),
      );
    }
    return logits;
  }

  /** Where a text stands among the others, by the teacher; `undefined` where it was not asked or only logits are kept. */
  findVector(text: string): Float32Array | undefined {
    const { vector } = this.manifest;
    const record = vector && this.#recordOf(text);
    return (
      record &&
      Float32Array.from(vector, ({ low, step }, k) => low + step * (record[recordBytes + k] as number))
    );
  }

  #recordOf(text: string): Buffer | undefined {
    const place = this.#places.get(keyOf(text));
    return place && this.#records[place.file]?.subarray(place.at, place.at + this.#recordBytes);
  }
}
