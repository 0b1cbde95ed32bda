/** @file How a teacher's answers lie in files: a manifest, and records of a key, a byte a logit and a byte a number of the vector. */
import { createHash } from "node:crypto";
import { z } from "zod";
import { type HeadName, headNames, headSizes } from "../../base/head.js";

/** Logits of every head for one text. */
export type TeacherLogits = Readonly<Record<HeadName, Float32Array>>;

/** Bytes of a text's hash that it is found by: two of a million texts meet with a chance of 3 · 10⁻⁸. */
export const keyBytes = 8;
const width = headNames.reduce((sum, head) => sum + headSizes[head], 0);
/** Bytes of a text without its vector. */
export const recordBytes = keyBytes + width;

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
const scaleSchema = z.strictObject({ low: z.number(), step: z.number().nonnegative() });

/** How a byte is read: number = low + step · byte. */
export type Scale = z.infer<typeof scaleSchema>;

/** `manifest.json` of a folder of soft labels. */
export const manifestSchema = z.strictObject({
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

/** Bytes of a text's record. */
export const recordBytesOf = ({ vector }: Pick<SoftLabelManifest, "vector">): number =>
  recordBytes + (vector?.length ?? 0);

/** What a text is found by, in hexadecimal digits. */
export const keyOf = (text: string): string =>
  createHash("sha256")
    .update(text, "utf8")
    .digest("hex")
    .slice(0, 2 * keyBytes);
