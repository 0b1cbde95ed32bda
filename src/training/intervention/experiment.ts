/** @file An intervention run as one JSON file: where its outcomes come from, how its network is, what interrupting costs. */
import { z } from "zod";
import { AppError } from "../../base/errors.js";
import { describeIssues } from "../../base/schema-issues.js";
import { levelCount } from "../../policy/decision.js";
import { costSchema } from "../../policy/manifest.js";
import { outcomeMeasureSchema } from "../../policy/observed-outcome.js";
import { sparseWeights } from "../../simulation-lab/exploration.js";
import { loopFields } from "../experiment.js";

const count = z.int().positive();
const seed = z.int().min(0).max(0xffffffff);

/** Fields of an intervention experiment. */
export const interventionExperimentSchema = z.strictObject({
  kind: z.literal("intervention"),
  ...loopFields,
  batchSize: count.default(1024),
  evaluateEverySteps: count.default(100),
  checkpointEverySteps: count.default(400),
  selectBy: z.string().min(1).default("outcome.r2"),
  /** Readiness model that assesses the learners: shipped, or a folder. */
  readinessModel: z.string().min(1).default("attune-readiness"),
  /** Folder of logged outcomes to learn from; `null`: logs are made with simulated learners. */
  outcomes: z.string().min(1).nullable().default(null),
  /** Share of the learners of a logged folder that are held out. */
  heldOut: z.number().gt(0).lt(1).default(0.2),
  /** Simulated learners, where there is no folder; evaluation uses other seeds and other messages. */
  learners: z
    .strictObject({
      train: count.default(3000),
      validation: count.default(600),
      steps: z.int().min(3).default(40),
      seeds: z.strictObject({ train: seed.default(21), validation: seed.default(22) }).prefault({}),
      /** How often each level is tried, whoever the learner is; they need not sum to 1. */
      tries: z
        .array(z.number().positive())
        .length(levelCount)
        .default([...sparseWeights]),
      /** The text model that reads their messages. */
      textModel: z.string().min(1).default("attune-small"),
    })
    .prefault({}),
  measure: outcomeMeasureSchema.prefault({}),
  /** What each level costs beyond what the outcome shows, in units of outcome. */
  cost: costSchema.default([0, 0, 0, 0, 0, 0]),
  network: z
    .strictObject({
      hidden: count.default(48),
      gainHidden: count.default(12),
      heads: z.int().min(2).default(12),
    })
    .prefault({}),
});

/** An intervention run with every default filled in. */
export type InterventionExperiment = z.output<typeof interventionExperimentSchema>;

/**
 * Checks an intervention experiment and fills in its defaults.
 * @param where the file's path, for messages
 * @throws CONFIG_INVALID with every field that is wrong
 */
export function parseInterventionExperiment(json: unknown, where: string): InterventionExperiment {
  const parsed = interventionExperimentSchema.safeParse(json);
  const issues = parsed.success
    ? listContradictions(parsed.data)
    : describeIssues(parsed.error, json, interventionExperimentSchema);
  if (parsed.success && issues.length === 0) return parsed.data;
  throw new AppError("CONFIG_INVALID", `${where}: ${issues.join("; ")}; correct the file and run again`);
}

function listContradictions({ learners, measure }: InterventionExperiment): string[] {
  const { seeds, steps } = learners;
  const issues: string[] = [];
  if (seeds.train === seeds.validation)
    issues.push(`learners.seeds: expected two different seeds, got ${seeds.train} twice`);
  if (steps <= measure.horizon)
    issues.push(`learners.steps: expected more than measure.horizon (${measure.horizon}), got ${steps}`);
  if (measure.assisted >= measure.horizon)
    issues.push(
      `measure.assisted: expected less than measure.horizon (${measure.horizon}), got ${measure.assisted}`,
    );
  return issues;
}
