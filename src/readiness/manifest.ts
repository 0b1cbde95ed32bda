/** @file What `model.json` says of a readiness model: which text model it reads, how it is calibrated, how it came to be. */
import { z } from "zod";
import { AppError } from "../base/errors.js";
import { describeIssues } from "../base/schema-issues.js";
import { filesSchema } from "../model/folder/sealed-file.js";
import type { FolderFormat } from "../model/folder/sealed-folder.js";

/** Version of the folder's format that this code reads and writes. */
export const readinessFormatVersion = 1;

/** Files of a readiness model beside `model.json`. */
export const readinessFiles = ["model.onnx", "population.json", "README.md"] as const;

/** Command that makes a readiness model. */
export const retrain = "attune train experiments/readiness.json";

const count = z.int().nonnegative();
const sha256 = z.string().regex(/^[0-9a-f]{64}$/, "expected 64 hexadecimal digits");
const name = z
  .string()
  .regex(/^[a-z0-9][a-z0-9._-]*$/i, "expected letters, digits, dot, dash and underscore");

const schema = z.strictObject({
  formatVersion: z.literal(readinessFormatVersion),
  kind: z.literal("readiness"),
  name,
  version: z.string().min(1),
  created: z.iso.datetime({ offset: true }),
  description: z.string(),
  /** The text model whose readings it learned from; readings of another mean nothing to it. */
  textModel: z.strictObject({ name: z.string().min(1), version: z.string().min(1), sha256 }),
  network: z.strictObject({
    hidden: z.int().positive(),
    embedding: z.int().positive(),
    width: z.int().positive(),
    heads: z.int().positive(),
    state: z.int().positive(),
  }),
  /** p(success on the next step) = σ(slope · z + intercept), z the readiness logit. */
  calibration: z.strictObject({ slope: z.number().positive(), intercept: z.number(), rows: count }),
  training: z.strictObject({
    experiment: z.string().min(1),
    seed: z.int(),
    steps: count,
    epochs: z.number().nonnegative(),
    minutes: z.number().nonnegative(),
    /** Windows seen, repetitions counted. */
    examples: count,
    /** Where its learners come from. */
    learners: z.strictObject({
      source: z.literal("simulated"),
      train: count,
      validation: count,
      /** Seed of the training cohort, and of the validation cohort. */
      seeds: z.strictObject({ train: z.int(), validation: z.int() }),
      /** Messages they could write. */
      utterances: z.strictObject({ corpus: z.string(), split: z.string(), train: count, validation: count }),
    }),
    figures: z.record(z.string(), z.number()),
  }),
  files: filesSchema,
});

/** Content of a readiness model's `model.json`. */
export type ReadinessManifest = Readonly<z.output<typeof schema>>;

/** A manifest before its files are written. */
export type UnsealedReadinessManifest = Omit<ReadinessManifest, "files">;

/**
 * Checks the content of a readiness model's `model.json`.
 * @throws MODEL_VERSION when the format is another
 * @throws MODEL_FILE when it is of another kind of model, a field is missing or out of its range, or a file is not listed
 */
export function parseReadinessManifest(json: unknown, where: string): ReadinessManifest {
  const version = typeof json === "object" && json !== null && "formatVersion" in json && json.formatVersion;
  if (typeof version === "number" && version !== readinessFormatVersion) {
    throw new AppError(
      "MODEL_VERSION",
      `${where}: expected format version ${readinessFormatVersion}, got ${version}; ${version > readinessFormatVersion ? "update Attune" : `retrain: ${retrain}`}`,
    );
  }
  const parsed = schema.safeParse(json);
  const issues = parsed.success
    ? readinessFiles.flatMap((file) =>
        Object.hasOwn(parsed.data.files, file) ? [] : [`files: expected ${file}, got none`],
      )
    : describeIssues(parsed.error, json, schema);
  if (parsed.success && issues.length === 0) return parsed.data;
  throw new AppError(
    "MODEL_FILE",
    `${where}: expected the manifest of a readiness model: ${issues.slice(0, 5).join("; ")}; retrain: ${retrain}`,
  );
}

/** How a readiness model lies in its folder. */
export const readinessFormat: FolderFormat<ReadinessManifest, (typeof readinessFiles)[number]> = {
  files: readinessFiles,
  makeOne: retrain,
  parse: parseReadinessManifest,
};
