/** @file The learners a readiness run learns from, and those it is measured on: simulated, with messages the text model never learned from. */
import { AppError } from "../../base/errors.js";
import { Random } from "../../base/random.js";
import type { PopulationStatistics } from "../../behavior/statistics.js";
import type { Split } from "../../data/example.js";
import { loadUtterances } from "../../data/utterances.js";
import { EmotionEngine } from "../../engine/engine.js";
import { createCohort } from "../../simulation/cohort.js";
import { gatherPopulation, type RecordedSession, recordCohort } from "../../simulation/recording.js";
import { type LabelledText, Voices } from "../../simulation/voices.js";
import type { ReadinessExperiment } from "./experiment.js";

/** Sessions with where they come from. */
export interface Cohorts {
  readonly train: readonly RecordedSession[];
  readonly validation: readonly RecordedSession[];
  /** What is usual among the training learners; it knows no items, since a deployment has its own. */
  readonly population: PopulationStatistics;
  readonly textModel: { readonly name: string; readonly version: string; readonly sha256: string };
  /** Width of an embedding. */
  readonly hidden: number;
  /** Messages of each side. */
  readonly utterances: { readonly train: number; readonly validation: number };
}

/** Split of the learner corpus whose messages train: the text model chose its settings by it, but never learned from it. */
export const trainingSplit: Split = "validation";

/**
 * Reads the messages with the text model, once, and lets both cohorts work.
 * @param onProgress told of messages read
 * @throws DATA_NOT_FOUND, DATA_INVALID; as `EmotionEngine.load`
 */
export async function simulateCohorts(
  experiment: ReadinessExperiment,
  onProgress?: (done: number, total: number) => void,
): Promise<Cohorts> {
  const { learners, seed, textModel: model, device, threads } = experiment;
  const texts = Random.seeded(seed, "utterances").shuffle([...(await loadUtterances(trainingSplit))]);
  const held = Math.round(texts.length * learners.validationMessages);
  const engine = await EmotionEngine.load({ model, device, threads });
  try {
    const { name, version, sha256 } = engine.modelFile;
    if (sha256 === undefined) throw new AppError("INTERNAL", `${name}: expected a model read from a file`);
    const read = (list: readonly LabelledText[]) =>
      Voices.read(list, (some) => engine.read(some), onProgress);
    const voices = { validation: await read(texts.slice(0, held)), train: await read(texts.slice(held)) };
    const record = (side: "train" | "validation") =>
      recordCohort(
        createCohort({
          learners: learners[side],
          seed: learners.seeds[side],
          utterances: voices[side].pool,
        }),
        learners.steps,
        voices[side],
        { share: learners.supportShare, seed: learners.seeds[side] },
      );
    const train = record("train");
    return {
      train,
      validation: record("validation"),
      population: gatherPopulation(train),
      textModel: { name, version, sha256 },
      hidden: voices.train.readingOf(0)?.embedding.length ?? 0,
      utterances: { train: voices.train.size, validation: voices.validation.size },
    };
  } finally {
    await engine.close();
  }
}
