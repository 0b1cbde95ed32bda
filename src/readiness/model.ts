/** @file A readiness model in use: a learner's moments in, how ready they are out. */
import { join } from "node:path";
import { AppError } from "../base/errors.js";
import { PopulationStatistics } from "../behavior/statistics.js";
import type { Moment } from "../history/moment.js";
import { parseJson } from "../model/file.js";
import { readSealedFolder } from "../model/folder/sealed-folder.js";
import { Session, type SessionOptions, type Tensor } from "../runtime/session.js";
import { composeAssessment, type ReadinessAssessment } from "./assessment.js";
import { type EncodedMoment, encodeMoments, FeatureBatch, windowMoments } from "./features.js";
import { type ReadinessManifest, readinessFormat, retrain } from "./manifest.js";

/** A text model, as an engine names it: `engine.modelFile`. */
export interface TextModel {
  readonly name: string;
  readonly version: string;
  readonly sha256?: string | undefined;
}

/** How a readiness model is loaded. */
export interface ReadinessModelOptions extends Pick<SessionOptions, "device" | "threads"> {
  /** The text model whose readings it will be given, to be compared with the one it learned from. */
  readonly textModel?: TextModel | undefined;
}

/** One learner to be assessed. */
export interface ReadinessQuestion {
  /** The learner's moments, those of nobody else, in any order; what lies far back counts for nothing. */
  readonly moments: readonly Moment[];
  /** ms since 1970; no moment may be later. */
  readonly now: number;
}

/** What an assessment may be given beside the moments. */
export interface ReadinessContext {
  /** What is usual on the platform; what was usual in training where it is left out. It is read, never added to. */
  readonly population?: PopulationStatistics | undefined;
}

/** What a readiness model is put together from; `ReadinessModel.load` reads it from a folder. */
export interface ReadinessParts {
  readonly manifest: Pick<ReadinessManifest, "name" | "version" | "textModel" | "network" | "calibration"> &
    Partial<Pick<ReadinessManifest, "training">>;
  readonly population: PopulationStatistics;
  readonly session: Pick<Session, "run" | "close">;
}

const outputs = ["shift", "engagement", "cognitiveLoad", "attention", "state"] as const;

/**
 * Says how ready a learner is from their last messages and what was seen of their work.
 * @example
 * const readiness = await ReadinessModel.load("models/attune-readiness", { textModel: engine.modelFile });
 * const { score, expectedSuccess } = await readiness.assess(await history.recent(key, 64), Date.now());
 */
export class ReadinessModel {
  readonly #parts: ReadinessParts;

  private constructor(parts: ReadinessParts) {
    this.#parts = parts;
  }

  /**
   * Loads a model from its folder; every file is checked.
   * @throws MODEL_NOT_FOUND, MODEL_FILE, MODEL_HASH, MODEL_VERSION, DATA_INVALID where the folder is not a whole model
   * @throws WEIGHTS_MISMATCH where it learned from another text model than the one named
   * @throws PROVIDER_UNAVAILABLE where the device is not there
   */
  static async load(folder: string, options: ReadinessModelOptions = {}): Promise<ReadinessModel> {
    const { manifest, contentOf } = await readSealedFolder(folder, readinessFormat);
    if (options.textModel !== undefined) requireTextModel(manifest, options.textModel, folder);
    const path = join(folder, "population.json");
    const state = parseJson(contentOf("population.json"), path, `retrain: ${retrain}`);
    const population = PopulationStatistics.restore(state, path);
    const { device, threads } = options;
    const session = await Session.open(contentOf("model.onnx"), { device, threads });
    return ReadinessModel.assemble({ manifest, population, session });
  }

  /** A model over parts already loaded; it closes the session when it is closed. */
  static assemble(parts: ReadinessParts): ReadinessModel {
    return new ReadinessModel(parts);
  }

  /** Name and version, the text model it reads and the width of its state vector. */
  get identity(): {
    readonly name: string;
    readonly version: string;
    readonly textModel: ReadinessManifest["textModel"];
    readonly state: number;
  } {
    const { name, version, textModel, network } = this.#parts.manifest;
    return { name, version, textModel, state: network.state };
  }

  /** Seeds of the simulated learners it learned from or was calibrated by: whoever measures it takes others. */
  get trainedOn(): readonly number[] {
    return Object.values(this.#parts.manifest.training?.learners.seeds ?? {});
  }

  /**
   * Assesses a learner. Without moments it says what may be said of a stranger.
   * @throws INPUT_TYPE where a time is not finite or a moment lies after `now`
   * @throws WEIGHTS_MISMATCH where the newest message was read by another text model than the one it learned from;
   *   older readings of another model are left out
   */
  async assess(
    moments: readonly Moment[],
    now: number,
    context: ReadinessContext = {},
  ): Promise<ReadinessAssessment> {
    const [only] = await this.#assess([this.#encode({ moments, now }, context, "readiness")], [now]);
    return only as ReadinessAssessment;
  }

  /**
   * Assesses many learners at once, in order.
   * @throws as `assess`, before any is assessed, with the index in the message
   */
  async assessAll(
    questions: readonly ReadinessQuestion[],
    context: ReadinessContext = {},
  ): Promise<readonly ReadinessAssessment[]> {
    const encoded = questions.map((one, i) => this.#encode(one, context, `readiness[${i}]`));
    const times = questions.map(({ now }) => now);
    const all: ReadinessAssessment[] = [];
    for (let start = 0; start < encoded.length; start += maxBatch) {
      const end = start + maxBatch;
      all.push(...(await this.#assess(encoded.slice(start, end), times.slice(start, end))));
    }
    return all;
  }

  /** Frees the model. */
  close(): Promise<void> {
    return this.#parts.session.close();
  }

  #encode({ moments, now }: ReadinessQuestion, context: ReadinessContext, where: string) {
    const { textModel } = this.#parts.manifest;
    const readable = keepReadings(moments, textModel, where);
    return encodeMoments(readable, now, context.population ?? this.#parts.population, where);
  }

  async #assess(
    encoded: readonly (readonly EncodedMoment[])[],
    times: readonly number[],
  ): Promise<ReadinessAssessment[]> {
    const { manifest, session } = this.#parts;
    const { hidden, state } = manifest.network;
    const batch = new FeatureBatch(encoded.length, hidden);
    encoded.forEach((one, row) => {
      batch.write(row, one, times[row] as number);
    });
    const results = await session.run(batch.feeds, outputs);
    const rowOf = (name: (typeof outputs)[number], row: number, width = 1): Float32Array =>
      ((results[name] as Tensor).data as Float32Array).slice(row * width, (row + 1) * width);
    return encoded.map((one, row) =>
      composeAssessment(
        one,
        {
          shift: rowOf("shift", row)[0] as number,
          engagement: rowOf("engagement", row)[0] as number,
          cognitiveLoad: rowOf("cognitiveLoad", row)[0] as number,
          attention: rowOf("attention", row, windowMoments),
          state: rowOf("state", row, state),
        },
        manifest.calibration,
      ),
    );
  }
}

/** Windows of one pass: past this a CPU gains nothing and memory grows. */
const maxBatch = 256;

function requireTextModel({ textModel }: ReadinessManifest, given: TextModel, folder: string): void {
  const same =
    textModel.name === given.name &&
    textModel.version === given.version &&
    (given.sha256 === undefined || given.sha256 === textModel.sha256);
  if (same) return;
  const print = ({ name, version, sha256 }: TextModel): string =>
    `${name} ${version}${sha256 === undefined ? "" : ` (${sha256.slice(0, 12)})`}`;
  throw new AppError(
    "WEIGHTS_MISMATCH",
    `${folder}: expected the text model it was trained on, ${print(textModel)}, got ${print(given)}; retrain: ${retrain}`,
  );
}

/** Moments without the readings of other models: their embeddings mean something else. */
function keepReadings(
  moments: readonly Moment[],
  textModel: ReadinessManifest["textModel"],
  where: string,
): readonly Moment[] {
  const isForeign = ({ reading }: Moment): boolean =>
    reading !== undefined &&
    (reading.model.name !== textModel.name || reading.model.version !== textModel.version);
  if (!moments.some(isForeign)) return moments;
  const newest = moments.reduce<Moment | undefined>(
    (last, one) => (one.reading !== undefined && (last === undefined || one.at >= last.at) ? one : last),
    undefined,
  );
  if (newest?.reading !== undefined && isForeign(newest)) {
    const { name, version } = newest.reading.model;
    throw new AppError(
      "WEIGHTS_MISMATCH",
      `${where}: expected readings of ${textModel.name} ${textModel.version}, got one of ${name} ${version}; retrain: ${retrain}`,
    );
  }
  return moments.map((one) => (isForeign(one) ? { ...one, reading: undefined } : one));
}
