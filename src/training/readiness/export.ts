/** @file From a readiness run to a model folder: weights into ONNX, success calibrated on learners it did not learn from, the card. */

import { measureEce } from "../../calibration/ece.js";
import { fitPlattScaling, type PlattScaling } from "../../calibration/platt.js";
import { writeSealedFolder } from "../../model/folder/sealed-folder.js";
import type { ReadinessManifest, UnsealedReadinessManifest } from "../../readiness/manifest.js";
import { readinessFormat, readinessFormatVersion } from "../../readiness/manifest.js";
import { encodeReadiness } from "../../readiness/network.js";
import { Session, type Tensor } from "../../runtime/session.js";
import { recordTraining } from "../record/training-record.js";
import { renderReadinessCard } from "./card.js";
import { trainingSplit } from "./cohorts.js";
import { buildReadinessForward, listTrainedParameters } from "./network.js";
import type { TrainedReadinessRun } from "./run.js";
import { computeReadinessLogits, measureReadinessFigures, type ReadinessLogits } from "./task.js";
import { Windows } from "./windows.js";

/** How a run becomes a model. */
export interface ReadinessExportOptions {
  /** Where the model folder is written. */
  readonly to: string;
  readonly name: string;
  readonly version: string;
}

/**
 * Writes a readiness run as a model folder.
 * @throws as `loadReadinessRun` and `writeSealedFolder`
 */
export async function exportReadinessRun(
  run: TrainedReadinessRun,
  { to, name, version }: ReadinessExportOptions,
): Promise<ReadinessManifest> {
  const { config, cohorts, weights } = run;
  const validation = new Windows(cohorts.validation, cohorts.population, cohorts.hidden);
  const logits = await computeValidation(run, validation);
  const successes = Array.from({ length: validation.size }, (_, row) => validation.targetsOf(row).success);
  const calibration = fitPlattScaling(logits.readiness, successes);
  const manifest = describe(
    run,
    { name, version },
    { ...calibration, rows: validation.size },
    {
      ...measureReadinessFigures(validation, logits),
      "success.ece": measureSuccessEce(logits.readiness, successes, calibration),
    },
  );
  const content = {
    "model.onnx": encodeReadiness(config, weights),
    "population.json": Buffer.from(`${JSON.stringify(cohorts.population.state)}\n`),
    "README.md": Buffer.from(renderReadinessCard(manifest)),
  };
  return writeSealedFolder(to, manifest, content, readinessFormat);
}

async function computeValidation(
  { config, weights, experiment }: TrainedReadinessRun,
  validation: Windows,
): Promise<ReadinessLogits> {
  const { device, threads } = experiment;
  const session = await Session.open(buildReadinessForward(config), { device, threads });
  try {
    const feeds = Object.fromEntries(
      listTrainedParameters(config).flatMap(({ name, shape }): [string, Tensor][] => {
        const data = weights.get(name);
        return data === undefined || !session.inputs.includes(name)
          ? []
          : [[name, { type: "float32", dims: shape, data }]];
      }),
    );
    // Nothing tells it to stop, so there is an answer.
    return (await computeReadinessLogits(session, feeds, validation)) as ReadinessLogits;
  } finally {
    await session.close();
  }
}

function measureSuccessEce(
  logits: Float32Array,
  successes: readonly number[],
  { slope, intercept }: PlattScaling,
): number {
  return measureEce(
    successes.map((success, row) => ({
      confidence: 1 / (1 + Math.exp(-(slope * (logits[row] as number) + intercept))),
      correct: success === 1,
    })),
  );
}

function describe(
  { experiment, config, cohorts, state }: TrainedReadinessRun,
  identity: { readonly name: string; readonly version: string },
  calibration: ReadinessManifest["calibration"],
  figures: Record<string, number>,
): UnsealedReadinessManifest {
  const { learners, batchSize, accumulate } = experiment;
  return {
    formatVersion: readinessFormatVersion,
    kind: "readiness",
    ...identity,
    created: new Date().toISOString(),
    description: experiment.description,
    textModel: cohorts.textModel,
    network: config,
    calibration,
    training: {
      ...recordTraining(experiment, state),
      examples: state.step * batchSize * accumulate,
      learners: {
        source: "simulated",
        train: cohorts.train.length,
        validation: cohorts.validation.length,
        seeds: learners.seeds,
        utterances: { corpus: "learner", split: trainingSplit, ...cohorts.utterances },
      },
      figures,
    },
  };
}
