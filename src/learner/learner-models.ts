/** @file The models that look at a learner over time, loaded together and closed together. */
import { AppError } from "../base/errors.js";
import { parseJson, readBytes } from "../model/file.js";
import { Decider, type DeciderOptions } from "../policy/decider.js";
import { InterventionModel, identifyReadiness } from "../policy/model.js";
import { createRule, exploring } from "../policy/policies.js";
import { ReadinessModel, type ReadinessModelOptions } from "../readiness/model.js";
import { parseTransitionModel, TransitionPredictor } from "../trajectory/transition-model.js";

/** What a learner's moments are held against. What is not there is not in the answer. */
export interface LearnerModels {
  readonly readiness?: Pick<ReadinessModel, "assess"> | undefined;
  /** Decides; needs readiness. */
  readonly decider?: Pick<Decider, "decide"> | undefined;
  /** Tells what is felt next. */
  readonly transitions?: Pick<TransitionPredictor, "predict"> | undefined;
  /** Frees them, once nothing is under way. */
  readonly close?: (() => Promise<void>) | undefined;
}

/** The name that stands for the rule written by hand instead of a trained policy. */
export const ruleName = "rule";

/** Which models, and how they are to decide. */
export interface LearnerModelsOptions extends ReadinessModelOptions {
  /** Folder of the readiness model; without one nothing is assessed. */
  readonly readiness: string | undefined;
  /** Folder of the intervention model, or `rule`; without one nothing is decided. */
  readonly intervention: string | undefined;
  /** File of learned transitions between emotions; without one nothing is foreseen. */
  readonly transitions?: string | undefined;
  readonly guards?: DeciderOptions["guards"] | undefined;
  /** Least probability of each level, for logs that can be learned from, [0, 1/6]; 0 unless told. */
  readonly exploration?: number | undefined;
}

/**
 * Loads the models, all or none.
 * @throws USAGE where something is to be decided and nothing assessed
 * @throws CONFIG_INVALID where guards or exploration are set wrongly
 * @throws MODEL_NOT_FOUND, MODEL_FILE, MODEL_HASH, MODEL_VERSION where a folder is not a whole model
 * @throws DATA_INVALID where a file holds no transitions
 * @throws WEIGHTS_MISMATCH where readiness learned from another text model, or the interventions from another readiness
 * @throws PROVIDER_UNAVAILABLE where the device is not there
 */
export async function loadLearnerModels(options: LearnerModelsOptions): Promise<LearnerModels> {
  if (options.intervention !== undefined && options.readiness === undefined) {
    throw new AppError(
      "USAGE",
      "engine: expected a readiness model where interventions are decided, got none; leave readiness out for the shipped one, or say intervention: false",
    );
  }
  const opened: Closable[] = [];
  const close = async (): Promise<void> => void (await Promise.all(opened.map((model) => model.close())));
  try {
    const transitions =
      options.transitions === undefined ? undefined : await openTransitions(options.transitions);
    return { ...(await openModels(options, opened)), transitions, close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function openTransitions(path: string): Promise<TransitionPredictor> {
  const remedy = "copy it again, or learn one: attune trajectory --learn FILE";
  const json = parseJson(await readBytes(path, remedy), path, remedy);
  return new TransitionPredictor(parseTransitionModel(json, path));
}

interface Closable {
  close(): Promise<void>;
}

/** @param opened whatever has to be closed, in the order in which it was opened */
async function openModels(options: LearnerModelsOptions, opened: Closable[]): Promise<LearnerModels> {
  const { readiness: folder, intervention, guards, exploration = 0, device, threads } = options;
  if (folder === undefined) return {};
  const readiness = await ReadinessModel.load(folder, options);
  opened.push(readiness);
  if (intervention === undefined) return { readiness };
  let policy = createRule();
  if (intervention !== ruleName) {
    const readinessModel = await identifyReadiness(folder);
    const model = await InterventionModel.load(intervention, { device, threads, readinessModel });
    opened.push(model);
    policy = model.createPolicy();
  }
  const decider = new Decider({
    policy: exploring(policy, exploration),
    ...(guards === undefined ? {} : { guards }),
  });
  return { readiness, decider };
}
