/** @file What a simulation needs beside learners: messages nobody learned from, read once, and the models that decide. */
import { AppError } from "../base/errors.js";
import type { Split } from "../data/example.js";
import { loadUtterances } from "../data/utterances.js";
import { EmotionEngine } from "../engine/engine.js";
import { locateModel } from "../engine/location.js";
import { readSealedFolder } from "../model/folder/sealed-folder.js";
import { retrainIntervention } from "../policy/manifest.js";
import { InterventionModel, identifyReadiness } from "../policy/model.js";
import type { Policy } from "../policy/policies.js";
import { readinessFormat, retrain } from "../readiness/manifest.js";
import { ReadinessModel } from "../readiness/model.js";
import { Voices } from "../simulation/voices.js";
import type { PolicyName } from "../simulation-lab/policy-name.js";

/** Split whose messages simulated learners write when policies are judged. */
export const testSplit: Split = "test";

/** Which models, and what for. */
export interface PartsOptions {
  readonly policy: readonly PolicyName[];
  readonly model?: string;
  readonly readiness: string;
  readonly intervention: string;
  readonly threads?: number;
}

/** What a simulation is put together from. */
export interface SimulationParts {
  readonly voices: Voices;
  readonly readiness: ReadinessModel | undefined;
  readonly learned: Policy | undefined;
  /** Name and version of each model. */
  readonly models: Readonly<Record<string, string>>;
  close(): Promise<void>;
}

/**
 * Loads the models that the policies need and reads the messages.
 * @throws USAGE where a model was fitted on one of the seeds; DATA_NOT_FOUND; as loading models
 */
export async function loadParts(
  options: PartsOptions,
  seeds: readonly number[],
  onProgress: (done: number, total: number) => void,
): Promise<SimulationParts> {
  const { policy, model, threads } = options;
  const learns = policy.includes("learned");
  const models: Record<string, string> = {};
  const fitted: Record<string, readonly number[]> = {};
  const needsReadiness = learns || policy.includes("rule");
  const folder = needsReadiness ? locateModel(options.readiness, retrain) : undefined;
  if (folder !== undefined) {
    const { name, version, training } = (await readSealedFolder(folder, readinessFormat)).manifest;
    models.readiness = `${name} ${version}`;
    fitted[name] = Object.values(training.learners.seeds);
  }
  const intervention =
    folder !== undefined && learns
      ? await InterventionModel.load(locateModel(options.intervention, retrainIntervention), {
          threads,
          readinessModel: await identifyReadiness(folder),
        })
      : undefined;
  if (intervention !== undefined) {
    const { name, version, training } = intervention.manifest;
    models.intervention = `${name} ${version}`;
    fitted[name] = training.seeds;
  }
  requireFreshSeeds(seeds, fitted);
  const engine = await EmotionEngine.load({ model, threads });
  models.text = `${engine.model.name} ${engine.model.version}`;
  const { modelFile } = engine;
  const texts = await loadUtterances(testSplit);
  const voices = await Voices.read(texts, (some) => engine.read(some), onProgress).finally(() =>
    engine.close(),
  );
  const readiness =
    folder === undefined ? undefined : await ReadinessModel.load(folder, { threads, textModel: modelFile });
  return {
    voices,
    readiness,
    learned: intervention?.createPolicy(),
    models,
    async close() {
      await readiness?.close();
      await intervention?.close();
    },
  };
}

/** @throws USAGE where a model was fitted on learners of a seed */
export function requireFreshSeeds(
  seeds: readonly number[],
  fitted: Readonly<Record<string, readonly number[]>>,
): void {
  for (const [model, used] of Object.entries(fitted)) {
    const stale = seeds.find((seed) => used.includes(seed));
    if (stale === undefined) continue;
    throw new AppError(
      "USAGE",
      `--seed: expected seeds that no model was fitted on, got ${stale}, which ${model} was; begin elsewhere, e.g. --seed 101`,
    );
  }
}
