/** @file A file of a sealed folder: what the manifest records of it, and how one too large for a git host lies in parts. */
import { createHash } from "node:crypto";
import { join } from "node:path";
import { z } from "zod";
import { AppError } from "../../base/errors.js";
import { readPieces, writeAll, writeSynced } from "../file.js";

/** Name of the manifest in every sealed folder. */
export const manifestName = "model.json";

/** What to do about a file that is not as it was written. */
export const getAnother = "copy or export the model again";

/** Bytes of the largest file that is written whole, and of every part but the last: git hosts warn of more than 50 MB. */
export const partBytes = 48_000_000;

const sha256 = z.string().regex(/^[0-9a-f]{64}$/, "expected 64 hexadecimal digits");
const part = z.strictObject({ sha256, bytes: z.int().positive() });

/** What is recorded of a file, as a schema. */
export const fileRecordSchema = z
  .strictObject({
    /** Of the whole, also where it lies in parts. */
    sha256,
    bytes: z.int().nonnegative(),
    /** Of each part in order: `NAME.1`, `NAME.2` and so on lie in place of `NAME`; left out where it lies whole. */
    parts: z.array(part).min(2, "expected 2 parts or more").readonly().optional(),
  })
  .superRefine(({ bytes, parts = [] }, context) => {
    if (parts.length === 0) return;
    const message = `expected parts of one size, the last no larger, of ${bytes} bytes together`;
    const [size, last] = [parts[0]?.bytes ?? 0, parts.at(-1)?.bytes ?? 0];
    const even = parts.slice(0, -1).every((one) => one.bytes === size) && last <= size;
    if (!even || (parts.length - 1) * size + last !== bytes) {
      context.addIssue({ code: "custom", path: ["parts"], message });
    }
  });

/** What is recorded of a file. */
export type FileRecord = z.output<typeof fileRecordSchema>;

/**
 * What a manifest says of the files beside it, as a schema. Plain names only, as a manifest must not point out of its
 * folder; and no part may have the name of another file.
 */
export const filesSchema = z.record(z.string(), fileRecordSchema).superRefine((files, context) => {
  for (const [name, record] of Object.entries(files)) {
    if (!/^[\w-][\w.-]*$/.test(name) || name === manifestName) {
      context.addIssue({ code: "custom", path: [name], message: "expected a plain file name" });
    }
    const taken = record.parts && listStored(name, record).find((stored) => Object.hasOwn(files, stored));
    if (taken !== undefined) {
      const message = `expected no other file by the name of a part, ${taken}`;
      context.addIssue({ code: "custom", path: [name, "parts"], message });
    }
  }
});

/** Names under which a file lies in its folder: its own, or those of its parts in order. */
export function listStored(name: string, { parts }: FileRecord): string[] {
  return parts === undefined ? [name] : parts.map((_, i) => `${name}.${i + 1}`);
}

/** Whether `stored` is what a part of the file `name` would be called. */
export function isPartOf(stored: string, name: string): boolean {
  return stored.startsWith(`${name}.`) && /^[1-9]\d*$/.test(stored.slice(name.length + 1));
}

/** What to record of a file. @param limit bytes from which on it is cut into parts, from 1 */
export function describeFile(bytes: Uint8Array, limit = partBytes): FileRecord {
  const whole = { sha256: hash(bytes), bytes: bytes.length };
  if (bytes.length <= limit) return whole;
  const parts = Array.from({ length: Math.ceil(bytes.length / limit) }, (_, i) => {
    const piece = bytes.subarray(i * limit, (i + 1) * limit);
    return { sha256: hash(piece), bytes: piece.length };
  });
  return { ...whole, parts };
}

/** Writes a file into `folder` as it is recorded, whole or in parts. */
export async function writeSealedFile(
  folder: string,
  name: string,
  bytes: Uint8Array,
  record: FileRecord,
): Promise<void> {
  const size = record.parts?.[0]?.bytes ?? bytes.length;
  for (const [i, stored] of listStored(name, record).entries()) {
    const piece = bytes.subarray(i * size, (i + 1) * size);
    await writeSynced(join(folder, stored), (handle) => writeAll(handle, piece));
  }
}

/**
 * Reads a file, whole or in parts, into one buffer and compares it with what is recorded.
 * @throws MODEL_NOT_FOUND, MODEL_FILE, MODEL_HASH naming the file or the part that is missing, cut short or changed
 */
export async function readSealedFile(folder: string, name: string, record: FileRecord): Promise<Buffer> {
  const paths = listStored(name, record).map((stored) => join(folder, stored));
  const { whole, pieces } = await readPieces(paths, getAnother);
  const recorded = record.parts ?? [record];
  const stored = paths.map((path, i) => ({
    path,
    piece: pieces[i] as Buffer,
    expected: recorded[i] as (typeof recorded)[number],
  }));
  for (const { path, piece, expected } of stored) {
    if (piece.length >= expected.bytes) continue;
    throw new AppError(
      "MODEL_FILE",
      `${path}: expected ${expected.bytes} bytes, got ${piece.length}: the file is cut short; ${getAnother}`,
    );
  }
  // The whole's hash vouches for every part; theirs are for telling which one was changed.
  const got = hash(whole);
  if (got === record.sha256) return whole;
  for (const { path, piece, expected } of record.parts ? stored : []) {
    requireHash(path, expected.sha256, hash(piece));
  }
  requireHash(join(folder, name), record.sha256, got);
  return whole;
}

function requireHash(path: string, expected: string, got: string): void {
  if (got === expected) return;
  throw new AppError("MODEL_HASH", `${path}: expected SHA-256 ${expected}, got ${got}; ${getAnother}`);
}

function hash(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}
