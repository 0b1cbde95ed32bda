/** @file Moments as JSON, for a learner who asks what is known of them and for stores that keep text. */
import { z } from "zod";
import { AppError } from "../base/errors.js";
import { copyFrozen } from "../base/frozen-copy.js";
import { describeIssues } from "../base/schema-issues.js";
import type { Moment } from "./moment.js";
import { createMomentSchema, findNonFinite, type MomentForm } from "./moment-validation.js";

/**
 * A moment as JSON: as it is, but for the embedding, which is base64 (RFC 4648 § 4, padded) of its 32-bit floats,
 * little-endian. Every bit comes back, in 2 kB for 384 numbers where a list of them takes 8.
 */
export type MomentJson = MomentForm<string>;

const base64 = "expected base64 of 32-bit floats";

const embeddingSchema = z.string(base64).transform((text, context): Float32Array => {
  const bytes = Buffer.from(text, "base64");
  // Node skips what is no base64, so what it read is held against what was there.
  if (bytes.length === 0 || bytes.length % 4 !== 0 || bytes.toString("base64") !== text) {
    context.addIssue({ code: "custom", message: base64 });
    return z.NEVER;
  }
  const values = Float32Array.from({ length: bytes.length / 4 }, (_, i) => bytes.readFloatLE(i * 4));
  if (findNonFinite(values) >= 0) {
    context.addIssue({ code: "custom", message: `${base64}, all of them finite` });
    return z.NEVER;
  }
  return values;
});

const momentSchema = createMomentSchema(embeddingSchema);

/** A sound moment in the form that `JSON.stringify` writes without loss. */
export function momentToJson({ reading, ...rest }: Moment): MomentJson {
  if (reading === undefined) return copyFrozen(rest);
  const bytes = Buffer.alloc(reading.embedding.length * 4);
  reading.embedding.forEach((value, i) => {
    bytes.writeFloatLE(value, i * 4);
  });
  return copyFrozen({ ...rest, reading: { ...reading, embedding: bytes.toString("base64") } });
}

/**
 * The moment, frozen, that `momentToJson` wrote.
 * @param json parsed JSON, of any origin
 * @param where for the message: the file and line, or the row it was read from
 * @throws DATA_INVALID naming, by its path, every field that is missing, unknown, of another type, length or range
 */
export function momentFromJson(json: unknown, where: string): Moment {
  const parsed = momentSchema.safeParse(json);
  if (parsed.success) return copyFrozen(parsed.data);
  const issues = describeIssues(parsed.error, json, momentSchema, "the moment");
  throw new AppError(
    "DATA_INVALID",
    `${where}: ${issues.join("; ")}; correct it or export the moments again`,
  );
}
