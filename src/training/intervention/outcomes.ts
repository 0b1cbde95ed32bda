/** @file The outcomes an intervention run learns from: a deployment's own, or those of simulated learners. */
import { AppError } from "../../base/errors.js";
import { Random } from "../../base/random.js";
import { loadUtterances } from "../../data/utterances.js";
import { EmotionEngine } from "../../engine/engine.js";
import { locateModel } from "../../engine/location.js";
import { countFeatures } from "../../policy/features.js";
import { identifyReadiness, type ReadinessIdentity } from "../../policy/model.js";
import { fromLogged } from "../../policy/outcome.js";
import { readOutcomes } from "../../policy/outcome-folder.js";
import { ReadinessModel } from "../../readiness/model.js";
import { createCohort } from "../../simulation/cohort.js";
import { Voices } from "../../simulation/voices.js";
import { createLottery, explore } from "../../simulation-lab/exploration.js";
import { trainingSplit } from "../readiness/cohorts.js";
import type { InterventionExperiment } from "./experiment.js";
import { type OutcomeTable, type TableRow, tabulate } from "./table.js";

/** What is learned from and what is held out. */
export interface Outcomes {
  readonly train: OutcomeTable;
  readonly validation: OutcomeTable;
  readonly source: "simulated" | "logged";
  readonly readinessModel: ReadinessIdentity;
  /** Width of the readiness state vector. */
  readonly state: number;
}

/** Command that makes the readiness model an intervention model needs. */
const makeReadiness = "attune train experiments/readiness.json";

/**
 * Brings the outcomes of an experiment together.
 * @throws DATA_NOT_FOUND, DATA_INVALID where there are none that fit; MODEL_NOT_FOUND and whatever else loading models throws
 */
export async function gatherOutcomes(experiment: InterventionExperiment): Promise<Outcomes> {
  return experiment.outcomes === null
    ? simulateOutcomes(experiment)
    : loadOutcomes(experiment, experiment.outcomes);
}

/** A deployment's own; learners are held out whole. */
async function loadOutcomes(experiment: InterventionExperiment, folder: string): Promise<Outcomes> {
  const readinessModel = await identifyReadiness(locateModel(experiment.readinessModel, makeReadiness));
  const logged = await readOutcomes(folder);
  const features = logged[0]?.features.length ?? 0;
  const state = features - countFeatures(0);
  if (state < 0) {
    throw new AppError(
      "DATA_INVALID",
      `${folder}: expected rows of ${countFeatures(0)} features and those of a readiness state, got ${features}; log what buildFeatures gave`,
    );
  }
  const sides: Record<"train" | "validation", TableRow[]> = { train: [], validation: [] };
  for (const row of logged) {
    const draw = Random.seeded(experiment.seed, `held out ${row.learnerId}`).float();
    sides[draw < experiment.heldOut ? "validation" : "train"].push({
      ...row,
      features: fromLogged(row.features),
    });
  }
  for (const side of ["train", "validation"] as const) {
    if (sides[side].length > 0) continue;
    throw new AppError(
      "DATA_INVALID",
      `${folder}: expected outcomes of enough learners to learn from and to hold out, got none for ${side}; gather more`,
    );
  }
  return {
    train: tabulate(sides.train, features),
    validation: tabulate(sides.validation, features),
    source: "logged",
    readinessModel,
    state,
  };
}

/** Those of simulated learners whose messages the text model never learned from. */
async function simulateOutcomes(experiment: InterventionExperiment): Promise<Outcomes> {
  const { learners, measure, device, threads } = experiment;
  const folder = locateModel(experiment.readinessModel, makeReadiness);
  const engine = await EmotionEngine.load({ model: learners.textModel, device, threads });
  const texts = await loadUtterances(trainingSplit);
  const voices = await Voices.read(texts, (some) => engine.read(some)).finally(() => engine.close());
  const readiness = await ReadinessModel.load(folder, { device, threads, textModel: engine.modelFile });
  const { state } = readiness.identity;
  const make = async (side: "train" | "validation"): Promise<OutcomeTable> => {
    const seed = learners.seeds[side];
    const rows = await explore({
      learners: createCohort({ learners: learners[side], seed, utterances: voices.pool }),
      steps: learners.steps,
      voices,
      readiness,
      policy: createLottery(learners.tries),
      measure,
      seed,
    });
    return tabulate(rows, countFeatures(state));
  };
  try {
    return {
      train: await make("train"),
      validation: await make("validation"),
      source: "simulated",
      readinessModel: await identifyReadiness(folder),
      state,
    };
  } finally {
    await readiness.close();
  }
}
