/** @file What `model.json` says of a model: what it answers in which order, how it is calibrated, how it came to be, and what its files are. */
import { z } from "zod";
import { AppError } from "../../base/errors.js";
import { type HeadName, headNames, headSizes } from "../../base/head.js";
import { filesSchema } from "./sealed-file.js";

/** Version of the directory's format that this code reads and writes. */
export const formatVersion = 1;

/** Files a model directory holds beside `model.json`. */
export const modelFiles = ["model.onnx", "tokenizer.json", "README.md"] as const;

/** Labels of the heads whose outputs are named by the format itself. */
export const fixedLabels = {
  pad: ["pleasure", "arousal", "dominance"],
  emobank: ["valence", "arousal", "dominance"],
  readiness: ["readiness"],
} as const satisfies Partial<Record<HeadName, readonly string[]>>;

/** The labels a caller expects of each head, in order; a head it leaves out is not compared. */
export type ExpectedLabels = { readonly [head in HeadName]?: readonly string[] };

const share = z.number().min(0).max(1);
const count = z.int().nonnegative();
const positive = z.number().positive();
const name = z.string().regex(/^[a-z0-9][a-z0-9._-]*$/i, "letters, digits, dot, dash and underscore");
const sha256 = z.string().regex(/^[0-9a-f]{64}$/, "64 hexadecimal digits");
const labels = z.strictObject({ labels: z.array(z.string().min(1)) });

/** The shape of `FamiliarityLimit` in src/calibration: words between single spaces, then a base-64 digit a triple of 28 symbols. */
const familiarity = z.strictObject({
  maxSurprise: positive,
  table: z.strictObject({
    words: z.string().regex(/^(?:\S+(?: \S+)*)?$/, "words between single spaces"),
    commonShare: share.lt(1),
    letters: z.string().regex(/^[A-Za-z0-9+/]{21952}$/, "21952 base-64 digits"),
  }),
});

/** The shape of `Calibration` in src/calibration, restated because this room may not look out; a test holds them equal. */
const calibration = z.strictObject({
  temperatures: z.strictObject({ emotion: positive, goemotions: positive, support: positive }),
  thresholds: z.strictObject({ perLabel: z.array(share), global: share }),
  conformal: z.strictObject({
    method: z.literal("raps"),
    coverage: share,
    quantile: z.number(),
    penalty: z.number().nonnegative(),
    freeClasses: count,
  }),
  uncertainty: z.strictObject({
    minConfidence: share,
    maxSetSize: count,
    maxUnknownShare: share,
    familiarity: familiarity.optional(),
  }),
  ece: z.record(z.string(), z.strictObject({ before: share, after: share })),
  rows: z.record(z.string(), count),
});

const training = z.strictObject({
  /** Name of the experiment. */
  experiment: z.string().min(1),
  seed: z.int(),
  steps: count,
  epochs: z.number().nonnegative(),
  minutes: z.number().nonnegative(),
  /** Examples seen, repetitions counted. */
  examples: count,
  corpora: z.array(z.strictObject({ name: z.string().min(1), rows: count, sha256 })),
  /** Whose answers it learned from beside the labels: of each its experiment, its base, its share of the answers and the hash of its weights. */
  teachers: z
    .array(z.strictObject({ name: z.string().min(1), base: z.string().min(1), share, sha256 }))
    .min(1)
    .optional(),
  /** Validation figures the run ended with. */
  figures: z.record(z.string(), z.number()),
});

const schema = z.strictObject({
  formatVersion: z.literal(formatVersion),
  name,
  version: z.string().min(1),
  created: z.iso.datetime({ offset: true }),
  description: z.string(),
  /** The encoder the model was trained from. */
  base: z.strictObject({
    name: z.string().min(1),
    type: z.enum(["bert", "mpnet"]),
    layers: count,
    hidden: count,
    heads: count,
    parameters: count,
  }),
  precision: z.enum(["int8", "fp32"]),
  /** Bits of the word table, where it has fewer than `precision` says. */
  wordBits: z.literal(4).optional(),
  /** Tokens of the longest window the model reads at once, special tokens included. */
  maxTokens: z.int().min(8),
  heads: z.strictObject({
    emotion: labels,
    goemotions: labels,
    pad: labels,
    emobank: labels,
    readiness: labels,
    support: labels,
  }),
  calibration,
  /** How far int8 answers as fp32 did: share of equal main classes, difference of macro-F1, and whatever else was measured. */
  agreement: z.object({ argmax: share, macroF1Difference: z.number() }).catchall(z.number()).optional(),
  training,
  /** Size and SHA-256 of every file of the directory but `model.json` itself. */
  files: filesSchema,
});

/** Read-only all the way down. */
type Frozen<T> = { readonly [K in keyof T]: Frozen<T[K]> };

/** The content of `model.json`. */
export type ModelManifest = Frozen<z.infer<typeof schema>>;

/** A manifest before its files are written and hashed. */
export type UnsealedManifest = Omit<ModelManifest, "files">;

/**
 * Checks the content of a `model.json`.
 * @param where the path, for messages
 * @throws MODEL_VERSION when the format is not the one this code reads
 * @throws MODEL_FILE when a field is missing, unknown or out of its range
 * @throws MODEL_SHAPE when a head or the thresholds have another length than the format gives them
 * @throws MODEL_LABELS naming the first label that differs from `expected`
 */
export function parseManifest(json: unknown, where: string, expected: ExpectedLabels = {}): ModelManifest {
  const version = typeof json === "object" && json !== null && "formatVersion" in json && json.formatVersion;
  if (typeof version === "number" && version !== formatVersion) {
    const remedy = version > formatVersion ? "update Attune" : "export the model again";
    throw new AppError(
      "MODEL_VERSION",
      `${where}: expected format version ${formatVersion}, got ${version}; ${remedy}`,
    );
  }
  const parsed = schema.safeParse(json);
  if (!parsed.success) {
    const issues = parsed.error.issues.map(
      ({ path, message }) => `${path.join(".") || "the file"}: ${message}`,
    );
    const more = issues.length > 5 ? ` and ${issues.length - 5} more` : "";
    throw new AppError(
      "MODEL_FILE",
      `${where}: expected a model manifest, got ${issues.slice(0, 5).join(", ")}${more}; export the model again`,
    );
  }
  const manifest: ModelManifest = parsed.data;
  requireSizes(manifest, where);
  requireFiles(manifest, where);
  for (const head of headNames) {
    requireLabels(manifest.heads[head].labels, { ...fixedLabels, ...expected }[head], `${where} (${head})`);
  }
  return manifest;
}

function requireSizes({ heads, calibration }: ModelManifest, where: string): void {
  const lengths: [string, number, number][] = headNames.map((head) => [
    `${head} labels`,
    headSizes[head],
    heads[head].labels.length,
  ]);
  lengths.push(["goemotions thresholds", headSizes.goemotions, calibration.thresholds.perLabel.length]);
  for (const [what, size, length] of lengths) {
    if (length === size) continue;
    throw new AppError(
      "MODEL_SHAPE",
      `${where}: expected ${size} ${what}, got ${length}; export the model again`,
    );
  }
}

function requireFiles({ files }: ModelManifest, where: string): void {
  const missing = modelFiles.filter((file) => !Object.hasOwn(files, file));
  if (missing.length === 0) return;
  const got = missing.map((file) => `no ${file}`).join(", ");
  throw new AppError(
    "MODEL_FILE",
    `${where}: expected files to list the folder's own, got ${got}; export the model again`,
  );
}

function requireLabels(got: readonly string[], expected: readonly string[] | undefined, where: string): void {
  const repeated = got.find((label, i) => got.indexOf(label) !== i);
  if (repeated !== undefined) {
    throw new AppError(
      "MODEL_LABELS",
      `${where}: expected each label once, got ${repeated} twice; export the model again`,
    );
  }
  if (!expected) return;
  const length = Math.max(got.length, expected.length);
  for (let i = 0; i < length; i++) {
    if (got[i] === expected[i]) continue;
    throw new AppError(
      "MODEL_LABELS",
      `${where}: expected label ${i} to be ${expected[i] ?? "absent"}, got ${got[i] ?? "none"}; ` +
        "use a model trained with this taxonomy, or train it again",
    );
  }
}
