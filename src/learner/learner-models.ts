/** @file The models that look at a learner over time, loaded together and closed together. */
import { AppError } from "../base/errors.js";
import { Decider, type DeciderOptions } from "../policy/decider.js";
import { createRule, exploring, type Policy } from "../policy/policies.js";
import { ReadinessModel, type ReadinessModelOptions } from "../readiness/model.js";

/** What a learner's moments are held against. What is not there is not in the answer. */
export interface LearnerModels {
  readonly readiness?: Pick<ReadinessModel, "assess" | "close"> | undefined;
  /** Decides; needs readiness. */
  readonly decider?: Pick<Decider, "decide"> | undefined;
}

/** The name that stands for the rule written by hand instead of a trained policy. */
export const ruleName = "rule";

/** Which models, and how they are to decide. */
export interface LearnerModelsOptions extends ReadinessModelOptions {
  /** Folder of the readiness model; without one nothing is assessed. */
  readonly readiness: string | undefined;
  /** `rule`; without one nothing is decided. */
  readonly intervention: string | undefined;
  readonly guards?: DeciderOptions["guards"] | undefined;
  /** Least probability of each level, for logs that can be learned from, [0, 1/6]; 0 unless told. */
  readonly exploration?: number | undefined;
}

/**
 * Loads the models.
 * @throws USAGE where something is to be decided and nothing assessed
 * @throws CONFIG_INVALID where guards or exploration are set wrongly
 * @throws MODEL_NOT_FOUND, MODEL_FILE, MODEL_HASH, MODEL_VERSION, WEIGHTS_MISMATCH, PROVIDER_UNAVAILABLE as `ReadinessModel.load`
 */
export async function loadLearnerModels(options: LearnerModelsOptions): Promise<LearnerModels> {
  const { readiness, intervention, guards, exploration = 0 } = options;
  if (intervention !== undefined && readiness === undefined) {
    throw new AppError(
      "USAGE",
      "engine: expected a readiness model where interventions are decided, got none; leave readiness out for the shipped one, or say intervention: false",
    );
  }
  const policy = intervention === undefined ? undefined : createPolicy(intervention);
  const decider =
    policy &&
    new Decider({ policy: exploring(policy, exploration), ...(guards === undefined ? {} : { guards }) });
  return {
    readiness: readiness === undefined ? undefined : await ReadinessModel.load(readiness, options),
    decider,
  };
}

function createPolicy(name: string): Policy {
  if (name === ruleName) return createRule();
  throw new AppError(
    "MODEL_NOT_FOUND",
    `intervention ${name}: expected ${ruleName}, got ${name}; say rule, or false`,
  );
}
