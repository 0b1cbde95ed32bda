/** @file One training run as one JSON file: what it may say, what it means, and what holds where it says nothing. */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { z } from "zod";
import { AppError, toAppError } from "../base/errors.js";
import { headNames } from "../base/head.js";
import { describeIssues } from "../base/schema-issues.js";
import { corpusNames } from "../data/corpora.js";
import type { Schedule } from "./schedule.js";

const count = z.int().positive();
const share = z.number().min(0).max(1);
const probability = z.number().min(0).lt(1);
const weight = z.number().min(0);

/** A small encoder with random weights, for tests and trials. */
const tinyEncoder = z.strictObject({
  layers: count,
  hidden: count,
  heads: count,
  /** Width of the feed-forward layer. */
  intermediate: count,
});

const corpus = z.strictObject({
  /** `goemotions`, `emobank`, `learner`, `lemotif`, `xed`, or any name for a file of one's own given by `path`. */
  name: z.string().min(1),
  /** How often its rows are seen in an epoch, on average: 1 once, 2.5 two and a half times. */
  weight: z.number().positive().default(1),
  /** Part of its training and validation rows that is used at all; for trials. */
  share: z.number().positive().max(1).default(1),
  /** File of one's own, or folder of a known corpus; where left out, the place `attune fetch` puts it. From the working folder. */
  path: z.string().min(1).optional(),
  /** For files of one's own: our field (`text`, `emotion`, …) to the name of their column. `text` is `text` unless said. */
  columns: z.record(z.string(), z.string()).optional(),
});

/** Fields of a text model's experiment; experiments of other kinds take those of the loop from here. */
export const textExperimentSchema = z.strictObject({
  /** Path or address of a JSON schema for editors; not used. */
  $schema: z.string().optional(),
  name: z.string().regex(/^[a-z0-9][a-z0-9._-]*$/i, "letters, digits, dot, dash and underscore"),
  description: z.string().default(""),
  /** `minilm`, `mpnet`, the folder of an encoder in Hugging Face's layout, or `{ "tiny": … }`. */
  base: z.union([z.string().min(1), z.strictObject({ tiny: tinyEncoder })]),
  /** Folders of runs or models, or names of shipped models, the average of whose weights is the first here, instead of the base's own and heads drawn at random. */
  start: z.union([z.string().min(1), z.tuple([z.string().min(1)], z.string().min(1))]).optional(),
  heads: z
    .array(z.enum(headNames))
    .min(1)
    .default([...headNames]),
  corpora: z.array(corpus).min(1),
  batchSize: count.default(32),
  /** Batches whose gradients are averaged for one step. */
  accumulate: count.default(1),
  /** Fractions are fine: 2.5 ends in the middle of the third. */
  epochs: z.number().positive(),
  /** Longer texts are cut, special tokens included. */
  maxTokens: z.int().min(8).max(512).default(64),
  /** Whether emoji are read as they are, which most encoders cannot, or by their English names. */
  emoji: z.enum(["as-is", "names"]).default("as-is"),
  learningRate: z
    .strictObject({
      encoder: z.number().positive().default(1e-4),
      heads: z.number().positive().default(1e-3),
    })
    .prefault({}),
  /** Factor on the learning rate from one encoder layer to the one below it; 1 is off. */
  layerDecay: z.number().positive().max(1).default(1),
  weightDecay: weight.default(0.01),
  warmup: z
    .union([z.strictObject({ steps: z.int().min(0) }), z.strictObject({ share: probability })])
    .default({ share: 0.1 }),
  schedule: z
    .strictObject({
      kind: z.enum(["cosine", "linear", "cosine-restarts", "constant"]).default("cosine"),
      /** T0 in steps, for `cosine-restarts`. */
      restartEvery: count.default(500),
      /** T_mult, for `cosine-restarts`. */
      restartMultiplier: z.number().min(1).default(1),
      /** The learning rate never decays below this share of its peak. */
      floor: share.default(0),
    })
    .prefault({}),
  /** Largest global gradient norm; `null` for no clipping. */
  clip: z.number().positive().nullable().default(1),
  dropout: z
    .strictObject({
      pooled: probability.default(0.1),
      hidden: probability.default(0),
      attention: probability.default(0),
    })
    .prefault({}),
  /** Share of the emotion target spread evenly over all classes. */
  labelSmoothing: probability.default(0),
  /** Share of the emotion target spread over the classes also there, where a row names any. */
  alsoShare: probability.default(0.15),
  lossWeights: z
    .strictObject({
      emotion: weight.default(1),
      goemotions: weight.default(1),
      pad: weight.default(3),
      emobank: weight.default(3),
      readiness: weight.default(3),
      support: weight.default(0.3),
    })
    .prefault({}),
  /** Learning from a teacher's answers as well as from labels; `null` is off. */
  distillation: z
    .strictObject({
      /** Folder that `attune label` wrote. */
      labels: z.string().min(1),
      /** Softens both sides: logits are divided by it. */
      temperature: z.number().min(1).max(20).default(2),
      /** Share of the loss that follows the teacher where a text has both its answer and a label. */
      weight: share.default(0.5),
      /** How much it counts that texts are alike to the student as they are to the teacher (mean squared difference of cosines); 0 is off. */
      similarity: weight.default(0),
    })
    .nullable()
    .default(null),
  /** Share of the training texts that are changed, and how strongly. */
  augmentation: z.strictObject({ share: share.default(0), strength: share.default(0.1) }).prefault({}),
  /** Moving average of the weights; it is what is evaluated and shipped. `null` is off. */
  ema: z
    .strictObject({ decay: probability.default(0.999) })
    .nullable()
    .default(null),
  /** Parts of the encoder that stay as they are: the embeddings, and the lowest so many layers. */
  freeze: z
    .strictObject({ embeddings: z.boolean().default(false), layers: z.int().min(0).default(0) })
    .prefault({}),
  evaluateEverySteps: count.default(500),
  checkpointEverySteps: count.default(500),
  /** Best checkpoints kept, beside the last two. */
  keepBest: z.int().min(1).default(1),
  /** Stop when the figure has not improved for `patience` evaluations. */
  earlyStopping: z
    .strictObject({ figure: z.string().min(1), patience: count })
    .nullable()
    .default(null),
  /** Validation figure that says which checkpoint is best. */
  selectBy: z.string().min(1).default("emotion.macroF1"),
  /** Threads inside an operator; 0 lets ONNX Runtime choose. */
  threads: z.int().min(0).default(0),
  /** Execution provider: `cpu`, `cuda`, … */
  device: z.string().min(1).default("cpu"),
  seed: z.int().min(0).max(0xffffffff).default(1),
});

/** Fields that set the loop, the same in every kind of run. */
export const loopFields = textExperimentSchema.pick({
  $schema: true,
  name: true,
  description: true,
  epochs: true,
  accumulate: true,
  learningRate: true,
  weightDecay: true,
  warmup: true,
  schedule: true,
  clip: true,
  ema: true,
  keepBest: true,
  earlyStopping: true,
  threads: true,
  device: true,
  seed: true,
}).shape;

/** A run with every default filled in. */
export type Experiment = z.output<typeof textExperimentSchema>;

/**
 * Checks an experiment and fills in its defaults.
 * @param where the file's path, for messages
 * @throws CONFIG_INVALID with every field that is wrong: what was expected, what was found
 */
export function parseExperiment(json: unknown, where: string): Experiment {
  const parsed = textExperimentSchema.safeParse(json);
  const issues = parsed.success
    ? contradictions(parsed.data)
    : describeIssues(parsed.error, json, textExperimentSchema);
  if (parsed.success && issues.length === 0) return parsed.data;
  throw new AppError("CONFIG_INVALID", `${where}: ${issues.join("; ")}; correct the file and run again`);
}

/**
 * Reads the experiment of a text model.
 * @throws CONFIG_INVALID when it is not there, not JSON, or says what it may not
 */
export function readExperiment(path: string): Experiment {
  return parseExperiment(readExperimentJson(path), path);
}

/**
 * Reads an experiment's file, of whatever kind.
 * @throws CONFIG_INVALID when it is not there or not JSON
 */
export function readExperimentJson(path: string): unknown {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    const missing = error instanceof Error && "code" in error && error.code === "ENOENT";
    if (!missing) throw toAppError(error, `reading ${path}`, "FILE_SYSTEM");
    throw new AppError(
      "CONFIG_INVALID",
      `${path}: expected an experiment, found no file; see experiments/ for those there are`,
      { cause: error },
    );
  }
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new AppError(
      "CONFIG_INVALID",
      `${path}: expected JSON, got ${(error as SyntaxError).message}; correct the file`,
      { cause: error },
    );
  }
}

/** The experiment with all its defaults as JSON text: for the run's folder. */
export function formatExperiment(experiment: object): string {
  return `${JSON.stringify(experiment, null, 2)}\n`;
}

type Indecisive = Pick<
  Experiment,
  "$schema" | "name" | "description" | "checkpointEverySteps" | "keepBest" | "threads" | "device"
>;

/** SHA-256 over what decides the weights that come out; a run is only resumed under the same. */
export function hashExperiment(experiment: Indecisive): string {
  const { $schema, name, description, checkpointEverySteps, keepBest, threads, device, ...decisive } =
    experiment;
  return createHash("sha256").update(JSON.stringify(decisive)).digest("hex");
}

/** The learning-rate schedule with its warm-up. */
export function scheduleOf({ schedule, warmup }: Pick<Experiment, "schedule" | "warmup">): Schedule {
  return "steps" in warmup
    ? { ...schedule, warmupSteps: warmup.steps }
    : { ...schedule, warmupShare: warmup.share };
}

const homes: ReadonlySet<string> = new Set(corpusNames.filter((name) => name !== "own"));

/** What is well formed field by field and yet makes no sense as a whole. */
function contradictions(experiment: Experiment): string[] {
  const { heads, corpora, base, lossWeights } = experiment;
  const issues: string[] = [];
  const twice = (names: string[]) => names.find((name, i) => names.indexOf(name) !== i);
  const head = twice(heads);
  if (head !== undefined) issues.push(`heads: expected each once, got ${head} twice`);
  const name = twice(corpora.map((one) => one.name));
  if (name !== undefined) issues.push(`corpora: expected each name once, got ${name} twice`);
  corpora.forEach((one, i) => {
    if (homes.has(one.name) && one.columns !== undefined) {
      issues.push(
        `corpora[${i}]: expected columns only for a file of one's own, got them for ${one.name}; give it another name`,
      );
    }
    if (!homes.has(one.name) && one.path === undefined) {
      issues.push(`corpora[${i}]: expected ${[...homes].join(", ")} or a path, got ${one.name} without one`);
    }
  });
  if (heads.every((one) => lossWeights[one] === 0)) {
    issues.push("lossWeights: expected at least one of the heads above 0, got none");
  }
  if (typeof base === "object" && base.tiny.hidden % base.tiny.heads !== 0) {
    issues.push(`base.tiny.hidden: expected a multiple of ${base.tiny.heads} heads, got ${base.tiny.hidden}`);
  }
  return issues;
}
