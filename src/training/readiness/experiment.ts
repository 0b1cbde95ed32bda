/** @file A readiness run as one JSON file: how many learners it learns from, how large its network is, how it is trained. */
import { z } from "zod";
import { AppError } from "../../base/errors.js";
import { describeIssues } from "../../base/schema-issues.js";
import { statisticsMoments } from "../../readiness/features.js";
import { loopFields } from "../experiment.js";

const count = z.int().positive();
const seed = z.int().min(0).max(0xffffffff);
const weight = z.number().min(0);
const probability = z.number().min(0).lt(1);

/** Fields of a readiness experiment. */
export const readinessExperimentSchema = z.strictObject({
  kind: z.literal("readiness"),
  ...loopFields,
  batchSize: count.default(256),
  evaluateEverySteps: count.default(200),
  checkpointEverySteps: count.default(200),
  selectBy: z.string().min(1).default("success.auc"),
  /** The text model that reads the learners' messages: shipped, or a folder. */
  textModel: z.string().min(1).default("attune-small"),
  /** Simulated learners; evaluation uses other seeds and other messages. */
  learners: z
    .strictObject({
      train: count.default(3000),
      validation: count.default(600),
      /** Steps of a session, unless the learner gives up. */
      steps: z.int().min(2).max(statisticsMoments).default(40),
      seeds: z.strictObject({ train: seed.default(11), validation: seed.default(12) }).prefault({}),
      /** Share of the steps after which support is given, by chance. */
      supportShare: probability.default(0.2),
      /** Share of the messages that only the validation learners write. */
      validationMessages: z.number().gt(0).lt(1).default(0.25),
    })
    .prefault({}),
  network: z
    .strictObject({
      embedding: count.default(16),
      width: count.default(48),
      heads: count.default(4),
      state: count.default(32),
    })
    .prefault({}),
  lossWeights: z
    .strictObject({
      success: weight.default(1),
      readiness: weight.default(1),
      engagement: weight.default(1),
      cognitiveLoad: weight.default(1),
    })
    .prefault({}),
  /** Share of the windows from which all of one kind is taken, so that the network knows what to do without it. */
  inputDropout: z
    .strictObject({
      text: probability.default(0.1),
      behavior: probability.default(0.1),
      history: probability.default(0.1),
    })
    .prefault({}),
});

/** A readiness run with every default filled in. */
export type ReadinessExperiment = z.output<typeof readinessExperimentSchema>;

/**
 * Checks a readiness experiment and fills in its defaults.
 * @param where the file's path, for messages
 * @throws CONFIG_INVALID with every field that is wrong
 */
export function parseReadinessExperiment(json: unknown, where: string): ReadinessExperiment {
  const parsed = readinessExperimentSchema.safeParse(json);
  const issues = parsed.success
    ? listContradictions(parsed.data)
    : describeIssues(parsed.error, json, readinessExperimentSchema);
  if (parsed.success && issues.length === 0) return parsed.data;
  throw new AppError("CONFIG_INVALID", `${where}: ${issues.join("; ")}; correct the file and run again`);
}

function listContradictions({ network, learners, lossWeights }: ReadinessExperiment): string[] {
  const issues: string[] = [];
  if (network.width % network.heads !== 0) {
    issues.push(`network.width: expected a multiple of ${network.heads} heads, got ${network.width}`);
  }
  if (learners.seeds.train === learners.seeds.validation) {
    issues.push(`learners.seeds: expected two different seeds, got ${learners.seeds.train} twice`);
  }
  if (Object.values(lossWeights).every((one) => one === 0)) {
    issues.push("lossWeights: expected at least one above 0, got none");
  }
  return issues;
}
