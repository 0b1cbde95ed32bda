/** @file The serving composition: text in, frozen analyses out, through one model, for any number of callers at once. */
import { AppError, toAppError } from "../base/errors.js";
import type { HeadLogits } from "../calibration/calibration.js";
import { softmax } from "../calibration/probability.js";
import type { Analysis } from "../emotion/analysis.js";
import { headLabels } from "../emotion/labels.js";
import { emotionIndex } from "../emotion/taxonomy.js";
import type { MessageReading } from "../history/moment.js";
import { readModelDirectory } from "../model/directory.js";
import { Session } from "../runtime/session.js";
import { validateText } from "../text/input.js";
import { Tokenizer, type Windows } from "../text/tokenizer.js";
import { Batcher, type BatchLimits } from "./batcher.js";
import { composeAnalysis, type Inspection, type ModelIdentity, type Reading } from "./composition.js";
import { explainWords } from "./explanation.js";
import { createForward, type ModelSession } from "./forward.js";
import { locateModel } from "./location.js";
import { composeReading } from "./message-reading.js";
import { poolVectors, poolWindows, windowOverlap } from "./pooling.js";

/** How an engine is loaded. */
export interface EngineOptions {
  /** Name of a shipped model or a model folder; `attune-small` unless told. */
  readonly model?: string | undefined;
  /** ONNX Runtime execution provider; `cpu` unless told. */
  readonly device?: string | undefined;
  /** Threads the model may use; ONNX Runtime's choice unless told. */
  readonly threads?: number | undefined;
  /** Most windows in one batch; 32 unless told. */
  readonly maxBatch?: number | undefined;
}

/** What may be asked of one call. */
export interface AnalyzeOptions {
  /** Also say which words moved the decision; costs a reading of the message for each word. */
  readonly explain?: boolean | undefined;
}

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

/** What an engine is put together from; `EmotionEngine.load` reads it from a model folder. */
export interface EngineParts {
  readonly model: ModelIdentity & {
    readonly maxTokens: number;
    /** SHA-256 of the model's file, 64 hexadecimal digits, where it came from one. */
    readonly sha256?: string | undefined;
  };
  readonly tokenizer: Pick<Tokenizer, "windows" | "specialTokens" | "padId">;
  readonly session: ModelSession;
}

/** An inspection with the vector `[hidden]` it came from. */
type Embedded = Inspection & { readonly embedding: Float32Array };

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
  readonly #batcher: Batcher;
  readonly #underway = new Set<Promise<unknown>>();
  #closing: Promise<void> | undefined;

  private constructor(parts: EngineParts, limits: BatchLimits) {
    this.#parts = parts;
    this.#batcher = new Batcher(createForward(parts.session, parts.tokenizer.padId), limits);
  }

  /**
   * Loads a model: the shipped one, or the one named.
   * @throws MODEL_NOT_FOUND, MODEL_FILE, MODEL_HASH, MODEL_VERSION, MODEL_LABELS, MODEL_SHAPE, TOKENIZER_INVALID where the folder is not a whole model
   * @throws PROVIDER_UNAVAILABLE where the device is not there
   */
  static async load(options: string | EngineOptions = {}): Promise<EmotionEngine> {
    const { model, device, threads, maxBatch } = typeof options === "string" ? { model: options } : options;
    const directory = await readModelDirectory(locateModel(model), headLabels);
    const { name, version, maxTokens, calibration, files } = directory.manifest;
    const { sha256 } = files["model.onnx"] ?? {};
    const tokenizer = Tokenizer.fromJson(directory.tokenizer);
    const session = await Session.open(directory.modelBytes, { device, threads });
    return EmotionEngine.assemble(
      { model: { name, version, maxTokens, calibration, sha256 }, tokenizer, session },
      { maxBatch },
    );
  }

  /** An engine over parts already loaded; it closes the session when it is closed. */
  static assemble(parts: EngineParts, options: Pick<EngineOptions, "maxBatch"> = {}): EmotionEngine {
    const maxBatch = options.maxBatch ?? 32;
    if (!Number.isInteger(maxBatch) || maxBatch < 1) {
      throw new AppError(
        "USAGE",
        `engine: expected maxBatch of 1 or more, got ${maxBatch}; leave it out for 32`,
      );
    }
    return new EmotionEngine(parts, { maxBatch, maxBatchTokens });
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
  async analyze(
    input: string | readonly string[],
    options: AnalyzeOptions = {},
  ): Promise<Analysis | readonly Analysis[]> {
    if (!Array.isArray(input)) {
      return (await this.#track(() => this.#inspect(input, "analyze", options))).analysis;
    }
    return (await this.#inspectAll(input, "analyze", options)).map(({ analysis }) => analysis);
  }

  /** Analyses many messages and says of each, in order, what became of it; a bad one does not hold up the others. @throws ENGINE_CLOSED after `close` */
  async analyzeSettled(texts: readonly string[], options: AnalyzeOptions = {}): Promise<readonly Settled[]> {
    return this.#track(() =>
      inChunks(texts, async (text, index): Promise<Settled> => {
        const where = `analyze[${index}]`;
        try {
          return { ok: true, analysis: (await this.#inspect(text, where, options)).analysis };
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
    return this.#inspectAll(texts, "inspect", {});
  }

  /**
   * Reads messages for a history: each with its analysis and what is remembered of it, in the order of the texts.
   * @throws as `analyze` of an array
   */
  async read(texts: readonly string[]): Promise<readonly ReadMessage[]> {
    const inspections = await this.#inspectAll(texts, "read", {});
    return inspections.map(({ analysis, raw, embedding }) => ({
      analysis,
      reading: composeReading(raw, embedding, this.#parts.model),
    }));
  }

  /** Lets what has been asked finish, then frees the model; later calls are refused. May be called more than once. */
  close(): Promise<void> {
    this.#closing ??= Promise.allSettled(this.#underway).then(() => this.#parts.session.close());
    return this.#closing;
  }

  async #inspectAll(
    texts: readonly string[],
    where: string,
    options: AnalyzeOptions,
  ): Promise<readonly Embedded[]> {
    return this.#track(() => {
      texts.forEach((text, index) => {
        validateText(text, `${where}[${index}]`);
      });
      return inChunks(texts, (text, index) => this.#inspect(text, `${where}[${index}]`, options));
    });
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

  async #inspect(input: unknown, where: string, options: AnalyzeOptions): Promise<Embedded> {
    const startedAt = performance.now();
    const text = validateText(input, where);
    const { model } = this.#parts;
    const windows = this.#tokenize(text);
    const reading: Reading = { characters: text.length, tokens: windows.tokens, unknown: windows.unknown };
    const { raw, embedding } = await this.#read(windows);
    const elapsed = (): number => performance.now() - startedAt;
    if (options.explain !== true) return { ...composeAnalysis(raw, reading, model, elapsed), embedding };

    const { primaryEmotion, confidence } = composeAnalysis(raw, reading, model, elapsed).analysis;
    const primary = emotionIndex(primaryEmotion) as number;
    const { emotion: temperature } = model.calibration.temperatures;
    const explanation = await explainWords(text, reading.tokens, confidence, (texts) =>
      Promise.all(
        texts.map(async (part) => {
          const { raw } = await this.#read(this.#tokenize(part));
          return softmax(raw.emotion, temperature)[primary] as number;
        }),
      ),
    );
    return { ...composeAnalysis(raw, reading, model, elapsed, explanation), embedding };
  }

  #tokenize(text: string): Windows {
    const { model, tokenizer } = this.#parts;
    const overlap = Math.floor((model.maxTokens - tokenizer.specialTokens) * windowOverlap);
    return tokenizer.windows(text, model.maxTokens, overlap);
  }

  async #read({ windows }: Windows): Promise<{ readonly raw: HeadLogits; readonly embedding: Float32Array }> {
    const outputs = await this.#batcher.submit(windows);
    const weights = windows.map((ids) => ids.length - this.#parts.tokenizer.specialTokens);
    const embedding = poolVectors(
      outputs.map(({ pooled }) => pooled),
      weights,
    );
    return { raw: poolWindows(outputs, weights, this.#parts.model.calibration.temperatures), embedding };
  }
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
