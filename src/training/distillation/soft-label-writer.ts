/** @file A teacher's answers written down: compact, sealed, without the texts. */
import { createHash } from "node:crypto";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { AppError, toAppError } from "../../base/errors.js";
import { type HeadName, headNames } from "../../base/head.js";
import { writeAll, writeAtomically } from "../../model/file.js";
import {
  keyBytes,
  keyOf,
  recordBytes,
  type Scale,
  type SoftLabelManifest,
  type TeacherLogits,
} from "./soft-label-format.js";

/** Heads whose logits mean the same when a number is added to all of them: only differences are kept. */
const shiftFree: ReadonlySet<HeadName> = new Set(["emotion", "support"]);

/** What lies further below the largest logit is e⁻¹⁶ at most and is kept as that. */
const deepest = -16;

/** The texts of one corpus with a teacher's answers, in order. */
export interface LabelledTexts {
  readonly corpus: string;
  readonly corpusSha256: string;
  readonly texts: readonly string[];
  readonly logits: readonly TeacherLogits[];
  /** Where each text stands among the others: the dot product of two says how alike the teacher finds their texts. For all corpora or none. */
  readonly vectors?: readonly Float32Array[];
}

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
