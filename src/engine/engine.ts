/** @file The serving composition: text in, frozen analyses out, through one model, for any number of callers at once. */
import { AppError, toAppError } from "../base/errors.js";
import type { Analysis } from "../emotion/analysis.js";
import { headLabels } from "../emotion/labels.js";
import { MemoryHistory } from "../history/memory-history.js";
import type { MessageReading, Moment } from "../history/moment.js";
import { LearnerEngine } from "../learner/learner-engine.js";
import { type LearnerModels, loadLearnerModels, ruleName } from "../learner/learner-models.js";
import { TenantPopulations } from "../learner/populations.js";
import type {
  AnalyzeOptions,
  LearnerMessage,
  LearnerName,
  LearnerStep,
  ObserveOptions,
} from "../learner/request.js";
import type { LearnerAnalysis, LearnerObservation } from "../learner/standing.js";
import { readModelDirectory } from "../model/folder/directory.js";
import { retrainIntervention } from "../policy/manifest.js";
import { retrain } from "../readiness/manifest.js";
import type { TextModel } from "../readiness/model.js";
import { Session } from "../runtime/session.js";
import { validateText } from "../text/input.js";
import { Tokenizer } from "../text/tokenizer.js";
import type { Inspection } from "./composition.js";
import {
  type AssemblyOptions,
  defaultIntervention,
  defaultReadiness,
  type EngineOptions,
} from "./engine-options.js";
import { locateModel, shippedTransitions } from "./location.js";
import { type Embedded, type EngineParts, MessageReader } from "./message-reader.js";
import { composeReading } from "./message-reading.js";

/** A message as it is answered, and as it is remembered. */
export interface ReadMessage {
  readonly analysis: Analysis;
  /** Numbers without text, for a learner's history. */
  readonly reading: MessageReading;
}

/** What became of one text of many. */
export type Settled =
  | { readonly ok: true; readonly analysis: Analysis }
  | { readonly ok: false; readonly error: AppError };

export type { AnalyzeOptions } from "../learner/request.js";
export type { AssemblyOptions, EngineOptions } from "./engine-options.js";
export type { EngineParts } from "./message-reader.js";

/** Texts of one call that are tokenized and in flight together: bounds memory, and lets other callers in between. */
const chunkSize = 256;

/** Padded tokens of one batch: past this a CPU gains nothing and memory grows. */
const maxBatchTokens = 2048;

/**
 * Reads emotions from messages. One engine serves any number of concurrent calls; those made at the same time share batches.
 * @example
 * const engine = await EmotionEngine.load();
 * const { primaryEmotion, confidence } = await engine.analyze("I finally get it!");
 * await engine.close();
 */
export class EmotionEngine {
  readonly #parts: EngineParts;
  readonly #reader: MessageReader;
  readonly #learners: LearnerEngine;
  readonly #underway = new Set<Promise<unknown>>();
  #closing: Promise<void> | undefined;

  private constructor(parts: EngineParts, maxBatch: number, options: AssemblyOptions) {
    const { history, populations, now, loadLearnerModels: loadModels } = options;
    this.#parts = parts;
    this.#reader = new MessageReader(parts, { maxBatch, maxBatchTokens });
    this.#learners = new LearnerEngine({
      read: async (text, where, explain) => this.#compose(await this.#reader.inspect(text, where, explain)),
      model: this.model,
      history: history ?? new MemoryHistory(),
      populations: populations === false ? undefined : (populations ?? new TenantPopulations()),
      loadModels,
      now: now ?? Date.now,
    });
  }

  /**
   * Loads a model: the shipped one, or the one named.
   * @throws MODEL_NOT_FOUND, MODEL_FILE, MODEL_HASH, MODEL_VERSION, MODEL_LABELS, MODEL_SHAPE, TOKENIZER_INVALID where the folder is not a whole model
   * @throws WEIGHTS_MISMATCH where a readiness model is named that learned from another text model
   * @throws PROVIDER_UNAVAILABLE where the device is not there
   */
  static async load(options: string | EngineOptions = {}): Promise<EmotionEngine> {
    const told = typeof options === "string" ? { model: options } : options;
    const { device, threads } = told;
    const directory = await readModelDirectory(locateModel(told.model), headLabels);
    const { name, version, maxTokens, calibration, files } = directory.manifest;
    const { sha256 } = files["model.onnx"] ?? {};
    const tokenizer = Tokenizer.fromJson(directory.tokenizer);
    const session = await Session.open(directory.modelBytes, { device, threads });
    const parts = { model: { name, version, maxTokens, calibration, sha256 }, tokenizer, session };
    const engine = EmotionEngine.assemble(parts, {
      ...told,
      loadLearnerModels: async () => loadNamed(told, { name, version, sha256 }),
    });
    // A model that is named is wanted: better to hear of what is wrong with it now than with the first learner.
    if (typeof told.readiness === "string" || typeof told.intervention === "string")
      await engine.#openLearners();
    return engine;
  }

  /** An engine over parts already loaded; it closes the session when it is closed. */
  static assemble(parts: EngineParts, options: AssemblyOptions = {}): EmotionEngine {
    const maxBatch = options.maxBatch ?? 32;
    if (!Number.isInteger(maxBatch) || maxBatch < 1) {
      throw new AppError(
        "USAGE",
        `engine: expected maxBatch of 1 or more, got ${maxBatch}; leave it out for 32`,
      );
    }
    return new EmotionEngine(parts, maxBatch, options);
  }

  /** Name and version of the model that answers. */
  get model(): Analysis["model"] {
    const { name, version } = this.#parts.model;
    return { name, version };
  }

  /** The model with the SHA-256 of its file: what is trained on its readings holds for this very file. */
  get modelFile(): Analysis["model"] & { readonly sha256?: string | undefined } {
    const { name, version, sha256 } = this.#parts.model;
    return { name, version, sha256 };
  }

  /**
   * Analyses one message.
   * @throws INPUT_TYPE, INPUT_EMPTY, INPUT_TOO_LONG, INPUT_ENCODING where the text cannot be analysed
   * @throws ENGINE_CLOSED after `close`
   */
  analyze(text: string, options?: AnalyzeOptions): Promise<Analysis>;
  /**
   * Analyses many messages; the answers come in the order of the texts.
   * One text that cannot be analysed fails the call, before any is read, with its index in the message:
   * use `analyzeSettled` to get an answer or an error for each.
   */
  analyze(texts: readonly string[], options?: AnalyzeOptions): Promise<readonly Analysis[]>;
  /**
   * Analyses a message of a learner by what came before it, and remembers it. Calls for one learner are answered one
   * after the other; sent again with the same `at`, a message counts once.
   * @throws INPUT_TYPE, INPUT_EMPTY, INPUT_TOO_LONG, INPUT_ENCODING where anything of the message is not sound
   * @throws HISTORY_FAILED where the history failed: nothing was kept or counted
   */
  analyze(message: LearnerMessage, options?: AnalyzeOptions): Promise<LearnerAnalysis>;
  async analyze(
    input: string | readonly string[] | LearnerMessage,
    options: AnalyzeOptions = {},
  ): Promise<Analysis | readonly Analysis[] | LearnerAnalysis> {
    const { explain = false } = options;
    if (Array.isArray(input)) {
      return (await this.#inspectAll(input, "analyze", explain)).map(({ analysis }) => analysis);
    }
    if (typeof input === "object" && input !== null) {
      return this.#track(() => this.#learners.analyze(input, options));
    }
    return (await this.#track(() => this.#reader.inspect(input, "analyze", explain))).analysis;
  }

  /**
   * Takes in what was seen of a learner's work without a message.
   * @throws as `analyze` of a learner's message; INPUT_EMPTY where no signal is given
   */
  observe(step: LearnerStep, options?: ObserveOptions): Promise<LearnerObservation> {
    return this.#track(() => this.#learners.observe(step, options));
  }

  /** Forgets all that is kept of a learner. @returns how many moments that were. @throws INPUT_*, HISTORY_FAILED */
  forget(learner: LearnerName): Promise<number> {
    return this.#track(() => this.#learners.forget(learner));
  }

  /** All that is kept of a learner, oldest first: for their right to see it. @throws INPUT_*, HISTORY_FAILED */
  export(learner: LearnerName): Promise<readonly Moment[]> {
    return this.#track(() => this.#learners.export(learner));
  }

  /** Analyses many messages and says of each, in order, what became of it; a bad one does not hold up the others. @throws ENGINE_CLOSED after `close` */
  async analyzeSettled(
    texts: readonly string[],
    { explain = false }: AnalyzeOptions = {},
  ): Promise<readonly Settled[]> {
    return this.#track(() =>
      inChunks(texts, async (text, index): Promise<Settled> => {
        const where = `analyze[${index}]`;
        try {
          return { ok: true, analysis: (await this.#reader.inspect(text, where, explain)).analysis };
        } catch (error) {
          return { ok: false, error: toAppError(error, where) };
        }
      }),
    );
  }

  /**
   * Analyses many messages and shows what lies beneath each answer, for evaluation and calibration.
   * @throws as `analyze` of an array
   */
  async inspect(texts: readonly string[]): Promise<readonly Inspection[]> {
    return this.#inspectAll(texts, "inspect", false);
  }

  /**
   * Reads messages for a history: each with its analysis and what is remembered of it, in the order of the texts.
   * @throws as `analyze` of an array
   */
  async read(texts: readonly string[]): Promise<readonly ReadMessage[]> {
    return (await this.#inspectAll(texts, "read", false)).map((one) => this.#compose(one));
  }

  /** Lets what has been asked finish, then frees the model; later calls are refused. May be called more than once. */
  close(): Promise<void> {
    this.#closing ??= Promise.allSettled(this.#underway).then(async () => {
      await Promise.all([this.#parts.session.close(), this.#learners.close()]);
    });
    return this.#closing;
  }

  async #openLearners(): Promise<void> {
    try {
      await this.#learners.open();
    } catch (error) {
      await this.close();
      throw error;
    }
  }

  async #inspectAll(texts: readonly string[], where: string, explain: boolean): Promise<readonly Embedded[]> {
    return this.#track(() => {
      texts.forEach((text, index) => {
        validateText(text, `${where}[${index}]`);
      });
      return inChunks(texts, (text, index) => this.#reader.inspect(text, `${where}[${index}]`, explain));
    });
  }

  #compose({ analysis, raw, embedding }: Embedded): ReadMessage {
    return { analysis, reading: composeReading(raw, embedding, this.#parts.model) };
  }

  /** Refuses work once closing has begun, and makes `close` wait for work begun before. */
  async #track<T>(work: () => Promise<T>): Promise<T> {
    if (this.#closing !== undefined) {
      throw new AppError("ENGINE_CLOSED", "engine: it has been closed; load another one");
    }
    const promise = work();
    this.#underway.add(promise);
    try {
      return await promise;
    } finally {
      this.#underway.delete(promise);
    }
  }
}

/** The models that an engine was told to follow learners with. */
function loadNamed(told: EngineOptions, textModel: TextModel): Promise<LearnerModels> {
  const { readiness = defaultReadiness, transitions = shippedTransitions } = told;
  const { intervention = defaultIntervention(readiness) } = told;
  const locate = (name: string | false, makeOne: string): string | undefined =>
    name === false ? undefined : name === ruleName ? name : locateModel(name, makeOne);
  return loadLearnerModels({
    ...told,
    textModel,
    readiness: locate(readiness, retrain),
    transitions: transitions === false ? undefined : transitions,
    intervention: locate(intervention, retrainIntervention),
  });
}

/** Maps in order, `chunkSize` at a time, those of a chunk together. */
async function inChunks<T, R>(
  items: readonly T[],
  map: (item: T, index: number) => Promise<R>,
): Promise<R[]> {
  const results: R[] = [];
  for (let start = 0; start < items.length; start += chunkSize) {
    const chunk = items.slice(start, start + chunkSize);
    results.push(...(await Promise.all(chunk.map((item, i) => map(item, start + i)))));
  }
  return results;
}
