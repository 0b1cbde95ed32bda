/** @file The kinds of experiments there are: what an experiment's file says of its kind decides what is trained. */
import { AppError } from "../base/errors.js";
import { type Experiment, parseExperiment, readExperimentJson } from "./experiment.js";
import { type InterventionExperiment, parseInterventionExperiment } from "./intervention/experiment.js";
import { parseReadinessExperiment, type ReadinessExperiment } from "./readiness/experiment.js";

/** An experiment of any kind. A text model's has no `kind`. */
export type AnyExperiment = Experiment | ReadinessExperiment | InterventionExperiment;

/** Whether an experiment trains a readiness network. */
export function isReadiness(experiment: AnyExperiment): experiment is ReadinessExperiment {
  return "kind" in experiment && experiment.kind === "readiness";
}

/** Whether an experiment trains the value network of interventions. */
export function isIntervention(experiment: AnyExperiment): experiment is InterventionExperiment {
  return "kind" in experiment && experiment.kind === "intervention";
}

/**
 * Checks an experiment of any kind and fills in its defaults.
 * @param where the file's path, for messages
 * @throws CONFIG_INVALID with every field that is wrong, or the kinds there are
 */
export function parseAnyExperiment(json: unknown, where: string): AnyExperiment {
  const kind = typeof json === "object" && json !== null && "kind" in json ? json.kind : undefined;
  if (kind === undefined) return parseExperiment(json, where);
  if (kind === "readiness") return parseReadinessExperiment(json, where);
  if (kind === "intervention") return parseInterventionExperiment(json, where);
  throw new AppError(
    "CONFIG_INVALID",
    `${where}: kind: expected "readiness", "intervention", or none for a text model, got ${JSON.stringify(kind)}; correct the file and run again`,
  );
}

/** Reads an experiment's file. @throws CONFIG_INVALID when it is not there, not JSON, or says what it may not */
export function readAnyExperiment(path: string): AnyExperiment {
  return parseAnyExperiment(readExperimentJson(path), path);
}
