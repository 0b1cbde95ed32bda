/** @file What `model.json` says of an intervention model: which readiness model it reads, what its outcome is, how it came to be. */
import { z } from "zod";
import { AppError } from "../base/errors.js";
import { describeIssues } from "../base/schema-issues.js";
import { filesSchema } from "../model/folder/sealed-file.js";
import type { FolderFormat } from "../model/folder/sealed-folder.js";
import { levelCount } from "./decision.js";
import { listFeatures } from "./features.js";
import { outcomeMeasureSchema } from "./observed-outcome.js";

/** Version of the folder's format that this code reads and writes. */
export const interventionFormatVersion = 1;

/** Files of an intervention model beside `model.json`. */
export const interventionFiles = ["model.onnx", "README.md"] as const;

/** Command that makes an intervention model. */
export const retrainIntervention = "attune train experiments/intervention.json";

const count = z.int().nonnegative();
const sha256 = z.string().regex(/^[0-9a-f]{64}$/, "expected 64 hexadecimal digits");
const name = z
  .string()
  .regex(/^[a-z0-9][a-z0-9._-]*$/i, "expected letters, digits, dot, dash and underscore");
const costs = `expected ${levelCount} numbers from 0, the first 0`;

/** What a level costs beyond what the outcome shows, `[6]`. */
export const costSchema = z
  .array(z.number(costs).min(0, costs), costs)
  .length(levelCount, costs)
  .refine((cost) => cost[0] === 0, costs);

const schema = z.strictObject({
  formatVersion: z.literal(interventionFormatVersion),
  kind: z.literal("intervention"),
  name,
  version: z.string().min(1),
  created: z.iso.datetime({ offset: true }),
  description: z.string(),
  /** The readiness model whose state vectors it learned from; those of another mean nothing to it. */
  readinessModel: z.strictObject({ name: z.string().min(1), version: z.string().min(1), sha256 }),
  /** Names of the features in their order. */
  features: z.array(z.string().min(1)).min(1),
  network: z.strictObject({
    state: count,
    hidden: z.int().positive(),
    gainHidden: z.int().positive(),
    heads: z.int().min(2),
  }),
  /** How the outcome was measured. */
  measure: outcomeMeasureSchema,
  /** What each level costs beyond what the outcome shows, in units of outcome. */
  cost: costSchema,
  training: z.strictObject({
    experiment: z.string().min(1),
    seed: z.int(),
    steps: count,
    epochs: z.number().nonnegative(),
    minutes: z.number().nonnegative(),
    /** Where the outcomes come from. */
    source: z.enum(["simulated", "logged"]),
    rows: z.strictObject({ train: count, validation: count }),
    learners: z.strictObject({ train: count, validation: count }),
    /** Of the simulated cohorts it was fitted on; none where outcomes were logged. */
    seeds: z.array(z.int()),
    figures: z.record(z.string(), z.number()),
  }),
  files: filesSchema,
});

/** Content of an intervention model's `model.json`. */
export type InterventionManifest = Readonly<z.output<typeof schema>>;

/** A manifest before its files are written. */
export type UnsealedInterventionManifest = Omit<InterventionManifest, "files">;

/** What is well formed and yet does not fit. */
function listContradictions({ files, features, network }: InterventionManifest): string[] {
  const missing = interventionFiles.flatMap((file) =>
    Object.hasOwn(files, file) ? [] : [`files: expected ${file}, got none`],
  );
  const expected = listFeatures(network.state);
  const other = Array.from({ length: Math.max(expected.length, features.length) }, (_, i) => i).find(
    (i) => expected[i] !== features[i],
  );
  if (other === undefined) return missing;
  return [
    ...missing,
    `features[${other}]: expected ${expected[other] ?? "no more"}, got ${features[other] ?? "none"}`,
  ];
}

/**
 * Checks the content of an intervention model's `model.json`.
 * @throws MODEL_VERSION when the format is another
 * @throws MODEL_FILE when it is of another kind of model, a field is missing or out of its range, or its features are others
 */
export function parseInterventionManifest(json: unknown, where: string): InterventionManifest {
  const version = typeof json === "object" && json !== null && "formatVersion" in json && json.formatVersion;
  if (typeof version === "number" && version !== interventionFormatVersion) {
    const remedy = version > interventionFormatVersion ? "update Attune" : `retrain: ${retrainIntervention}`;
    throw new AppError(
      "MODEL_VERSION",
      `${where}: expected format version ${interventionFormatVersion}, got ${version}; ${remedy}`,
    );
  }
  const parsed = schema.safeParse(json);
  const issues = parsed.success
    ? listContradictions(parsed.data)
    : describeIssues(parsed.error, json, schema);
  if (parsed.success && issues.length === 0) return parsed.data;
  throw new AppError(
    "MODEL_FILE",
    `${where}: expected the manifest of an intervention model: ${issues.slice(0, 5).join("; ")}; retrain: ${retrainIntervention}`,
  );
}

/** How an intervention model lies in its folder. */
export const interventionFormat: FolderFormat<InterventionManifest, (typeof interventionFiles)[number]> = {
  files: interventionFiles,
  makeOne: retrainIntervention,
  parse: parseInterventionManifest,
};
