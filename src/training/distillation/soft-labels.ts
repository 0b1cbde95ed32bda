/** @file A teacher's answers as data: compact, sealed, and found by the text itself, so that a student needs no teacher. */
import { createHash } from "node:crypto";
import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import { z } from "zod";
import { AppError, toAppError } from "../../base/errors.js";
import { type HeadName, headNames, headSizes } from "../../base/head.js";
import { isMissing, writeAll, writeAtomically } from "../../model/file.js";

/** Logits of every head for one text. */
export type TeacherLogits = Readonly<Record<HeadName, Float32Array>>;

/** Heads whose logits mean the same when a number is added to all of them: only differences are kept. */
const shiftFree: ReadonlySet<HeadName> = new Set(["emotion", "support"]);

/** What lies further below the largest logit is e⁻¹⁶ at most and is kept as that. */
const deepest = -16;

/** Bytes of a text's hash that it is found by: two of a million texts meet with a chance of 3 · 10⁻⁸. */
const keyBytes = 8;
const width = headNames.reduce((sum, head) => sum + headSizes[head], 0);
const recordBytes = keyBytes + width;

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
const scaleSchema = z.strictObject({ low: z.number(), step: z.number().nonnegative() });
const manifestSchema = z.strictObject({
  formatVersion: z.literal(1),
  created: z.string(),
  /** Whose answers these are; of several teachers, the mean of their logits by their shares. `sha256` is over the weights. */
  teachers: z
    .array(
      z.strictObject({
        name: z.string(),
        base: z.string(),
        precision: z.enum(["fp32", "int8"]),
        share: z.number().positive().max(1),
        sha256,
      }),
    )
    .min(1),
  /** How a byte is read: logit = low + step · byte. */
  heads: z.record(z.enum(headNames), scaleSchema),
  /** One file a corpus; `corpus` is the hash of the corpus as it was labelled. */
  files: z.array(
    z.strictObject({
      corpus: z.string(),
      file: z.string(),
      rows: z.int().positive(),
      sha256,
      corpusSha256: sha256,
    }),
  ),
});

/** What a folder of soft labels says of itself. */
export type SoftLabelManifest = z.infer<typeof manifestSchema>;

/** The texts of one corpus with their logits, in order. */
export interface LabelledTexts {
  readonly corpus: string;
  readonly corpusSha256: string;
  readonly texts: readonly string[];
  readonly logits: readonly TeacherLogits[];
}

const keyOf = (text: string): string =>
  createHash("sha256")
    .update(text, "utf8")
    .digest("hex")
    .slice(0, 2 * keyBytes);

/** Logits less their largest, none below `deepest`; those of other heads as they are. */
function normalize(head: HeadName, logits: Float32Array): Float32Array {
  if (!shiftFree.has(head)) return logits;
  const largest = logits.reduce((most, value) => Math.max(most, value), Number.NEGATIVE_INFINITY);
  return logits.map((value) => Math.max(deepest, value - largest));
}

/**
 * Writes soft labels: a byte a logit, 82 bytes and a key a text, a gzip file a corpus.
 * @throws DATA_INVALID when a logit is not finite; DISK_FULL, FILE_SYSTEM
 */
export async function writeSoftLabels(
  folder: string,
  corpora: readonly LabelledTexts[],
  teachers: SoftLabelManifest["teachers"],
): Promise<SoftLabelManifest> {
  const heads = Object.fromEntries(headNames.map((head) => [head, measureScale(head, corpora)])) as Record<
    HeadName,
    z.infer<typeof scaleSchema>
  >;
  const files: SoftLabelManifest["files"] = [];
  try {
    await mkdir(folder, { recursive: true });
    for (const { corpus, corpusSha256, texts, logits } of corpora) {
      const bytes = gzipSync(encodeRecords(texts, logits, heads), { level: 9 });
      const file = `${corpus}.bin.gz`;
      await writeAtomically(join(folder, file), (handle) => writeAll(handle, bytes));
      const digest = createHash("sha256").update(bytes).digest("hex");
      files.push({ corpus, file, rows: texts.length, sha256: digest, corpusSha256 });
    }
    const manifest = { formatVersion: 1 as const, created: new Date().toISOString(), teachers, heads, files };
    const json = Buffer.from(`${JSON.stringify(manifest, null, 2)}\n`);
    await writeAtomically(join(folder, "manifest.json"), (handle) => writeAll(handle, json));
    return manifest;
  } catch (error) {
    throw toAppError(error, `writing ${folder}`, "FILE_SYSTEM");
  }
}

function measureScale(head: HeadName, corpora: readonly LabelledTexts[]): { low: number; step: number } {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const { corpus, logits } of corpora) {
    logits.forEach((row, i) => {
      for (const value of normalize(head, row[head])) {
        if (!Number.isFinite(value)) {
          throw new AppError(
            "DATA_INVALID",
            `soft labels: expected finite logits of ${head} for text ${i} of ${corpus}, got ${value}; check the teacher`,
          );
        }
        low = Math.min(low, value);
        high = Math.max(high, value);
      }
    });
  }
  return high > low ? { low, step: (high - low) / 255 } : { low: Number.isFinite(low) ? low : 0, step: 0 };
}

function encodeRecords(
  texts: readonly string[],
  logits: readonly TeacherLogits[],
  scales: Readonly<Record<HeadName, { low: number; step: number }>>,
): Uint8Array {
  const bytes = Buffer.alloc(texts.length * recordBytes);
  texts.forEach((text, row) => {
    let at = row * recordBytes;
    bytes.write(keyOf(text), at, keyBytes, "hex");
    at += keyBytes;
    for (const head of headNames) {
      const { low, step } = scales[head];
      for (const value of normalize(head, (logits[row] as TeacherLogits)[head]))
        bytes[at++] = step === 0 ? 0 : Math.round((value - low) / step);
    }
  });
  return bytes;
}

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
  readonly #places = new Map<string, { readonly file: number; readonly row: number }>();

  private constructor(manifest: SoftLabelManifest, records: readonly Buffer[]) {
    this.manifest = manifest;
    this.#records = records;
    records.forEach((bytes, file) => {
      for (let row = 0; row < bytes.length / recordBytes; row++) {
        const at = row * recordBytes;
        this.#places.set(bytes.toString("hex", at, at + keyBytes), { file, row });
      }
    });
  }

  /**
   * Reads a folder that `writeSoftLabels` wrote.
   * @throws DATA_NOT_FOUND where there is none; DATA_INVALID where a byte is not what was written
   */
  static async read(folder: string): Promise<SoftLabels> {
    const manifest = await readSoftLabelManifest(folder);
    const records: Buffer[] = [];
    for (const { file, rows, sha256 } of manifest.files) {
      const bytes = await load(folder, file);
      if (createHash("sha256").update(bytes).digest("hex") !== sha256)
        throw damaged(folder, file, "the bytes that the manifest names by their SHA-256, got others");
      const record = gunzipSync(bytes);
      if (record.length !== rows * recordBytes)
        throw damaged(folder, file, `${rows} records of ${recordBytes} bytes`);
      records.push(record);
    }
    return new SoftLabels(manifest, records);
  }

  /** Texts there are answers for. */
  get size(): number {
    return this.#places.size;
  }

  /** What the teacher said of a text; `undefined` where it was not asked. Softmax heads have their largest logit at 0. */
  find(text: string): TeacherLogits | undefined {
    const place = this.#places.get(keyOf(text));
    if (place === undefined) return undefined;
    const bytes = this.#records[place.file] as Buffer;
    let at = place.row * recordBytes + keyBytes;
    const logits = {} as Record<HeadName, Float32Array>;
    for (const head of headNames) {
      const { low, step } = this.manifest.heads[head];
      logits[head] = Float32Array.from(
        { length: headSizes[head] },
        () => low + step * (bytes[at++] as number),
      );
    }
    return logits;
  }
}
