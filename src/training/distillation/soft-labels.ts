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
/** Bytes of a text without its vector. */
const recordBytes = keyBytes + width;

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
const scaleSchema = z.strictObject({ low: z.number(), step: z.number().nonnegative() });
type Scale = z.infer<typeof scaleSchema>;
const manifestSchema = z.strictObject({
  /** 1 had no `vector`. */
  formatVersion: z.union([z.literal(1), z.literal(2)]),
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
  /** How the bytes of a text's vector are read, one scale a number; absent where only logits are kept. */
  vector: z.array(scaleSchema).min(1).optional(),
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

const recordBytesOf = ({ vector }: Pick<SoftLabelManifest, "vector">): number =>
  recordBytes + (vector?.length ?? 0);

/** The texts of one corpus with a teacher's answers, in order. */
export interface LabelledTexts {
  readonly corpus: string;
  readonly corpusSha256: string;
  readonly texts: readonly string[];
  readonly logits: readonly TeacherLogits[];
  /** Where each text stands among the others: the dot product of two says how alike the teacher finds their texts. For all corpora or none. */
  readonly vectors?: readonly Float32Array[];
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
 * Writes soft labels: a byte a number, 82 for the logits, a key and what a vector has a text, a gzip file a corpus.
 * @throws DATA_INVALID when a number is not finite; DISK_FULL, FILE_SYSTEM
 */
export async function writeSoftLabels(
  folder: string,
  corpora: readonly LabelledTexts[],
  teachers: SoftLabelManifest["teachers"],
): Promise<SoftLabelManifest> {
  const heads = Object.fromEntries(headNames.map((head) => [head, measureHead(head, corpora)])) as Record<
    HeadName,
    Scale
  >;
  const vector = measureVectors(corpora);
  const files: SoftLabelManifest["files"] = [];
  try {
    await mkdir(folder, { recursive: true });
    for (const labelled of corpora) {
      const { corpus, corpusSha256, texts } = labelled;
      const bytes = gzipSync(encodeRecords(labelled, heads, vector), { level: 9 });
      const file = `${corpus}.bin.gz`;
      await writeAtomically(join(folder, file), (handle) => writeAll(handle, bytes));
      const digest = createHash("sha256").update(bytes).digest("hex");
      files.push({ corpus, file, rows: texts.length, sha256: digest, corpusSha256 });
    }
    const manifest = {
      formatVersion: 2 as const,
      created: new Date().toISOString(),
      teachers,
      heads,
      ...(vector.length > 0 && { vector }),
      files,
    };
    const json = Buffer.from(`${JSON.stringify(manifest, null, 2)}\n`);
    await writeAtomically(join(folder, "manifest.json"), (handle) => writeAll(handle, json));
    return manifest;
  } catch (error) {
    throw toAppError(error, `writing ${folder}`, "FILE_SYSTEM");
  }
}

/** The range of some numbers in 255 steps. */
class Range {
  #low = Number.POSITIVE_INFINITY;
  #high = Number.NEGATIVE_INFINITY;

  /** @throws DATA_INVALID when it is not finite */
  add(value: number, what: string, text: number, corpus: string): void {
    if (!Number.isFinite(value)) {
      throw new AppError(
        "DATA_INVALID",
        `soft labels: expected finite ${what} for text ${text} of ${corpus}, got ${value}; check the teacher`,
      );
    }
    this.#low = Math.min(this.#low, value);
    this.#high = Math.max(this.#high, value);
  }

  get scale(): Scale {
    if (this.#high > this.#low) return { low: this.#low, step: (this.#high - this.#low) / 255 };
    return { low: Number.isFinite(this.#low) ? this.#low : 0, step: 0 };
  }
}

function measureHead(head: HeadName, corpora: readonly LabelledTexts[]): Scale {
  const range = new Range();
  for (const { corpus, logits } of corpora) {
    logits.forEach((row, i) => {
      for (const value of normalize(head, row[head])) range.add(value, `logits of ${head}`, i, corpus);
    });
  }
  return range.scale;
}

/** One scale a number of the vectors; none where there are no vectors. */
function measureVectors(corpora: readonly LabelledTexts[]): Scale[] {
  const ranges = Array.from({ length: corpora[0]?.vectors?.[0]?.length ?? 0 }, () => new Range());
  for (const { corpus, texts, vectors } of corpora) {
    texts.forEach((_, i) => {
      for (const [k, range] of ranges.entries())
        range.add(vectors?.[i]?.[k] ?? Number.NaN, "vectors", i, corpus);
    });
  }
  return ranges.map(({ scale }) => scale);
}

const toByte = (value: number, { low, step }: Scale): number =>
  step === 0 ? 0 : Math.round((value - low) / step);

function encodeRecords(
  { texts, logits, vectors }: LabelledTexts,
  heads: Readonly<Record<HeadName, Scale>>,
  vector: readonly Scale[],
): Uint8Array {
  const bytes = Buffer.alloc(texts.length * (recordBytes + vector.length));
  let at = 0;
  texts.forEach((text, row) => {
    bytes.write(keyOf(text), at, keyBytes, "hex");
    at += keyBytes;
    for (const head of headNames) {
      for (const value of normalize(head, (logits[row] as TeacherLogits)[head]))
        bytes[at++] = toByte(value, heads[head]);
    }
    for (const [k, scale] of vector.entries()) bytes[at++] = toByte(vectors?.[row]?.[k] ?? 0, scale);
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
