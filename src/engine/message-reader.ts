/** @file One text through the model: checked, cut into windows, read in a batch with others, pooled and calibrated. */
import type { HeadLogits } from "../calibration/calibration.js";
import { softmax } from "../calibration/probability.js";
import { emotionIndex } from "../emotion/taxonomy.js";
import { Familiarity } from "../text/familiarity.js";
import { validateText } from "../text/input.js";
import type { Tokenizer, Windows } from "../text/tokenizer.js";
import { Batcher, type BatchLimits } from "./batcher.js";
import { composeAnalysis, type Inspection, type ModelIdentity, type Reading } from "./composition.js";
import { explainWords } from "./explanation.js";
import { createForward, type ModelSession } from "./forward.js";
import { poolVectors, poolWindows, windowOverlap } from "./pooling.js";

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
export type Embedded = Inspection & { readonly embedding: Float32Array };

/** Reads texts one by one; those read at the same time share batches. */
export class MessageReader {
  readonly #parts: EngineParts;
  readonly #batcher: Batcher;
  readonly #familiarity: Familiarity | undefined;

  constructor(parts: EngineParts, limits: BatchLimits) {
    this.#parts = parts;
    this.#batcher = new Batcher(createForward(parts.session, parts.tokenizer.padId), limits);
    const { familiarity } = parts.model.calibration.uncertainty;
    this.#familiarity = familiarity && new Familiarity(familiarity.table);
  }

  /**
   * Reads a text and says what lies beneath the answer.
   * @param explain also say which words moved the decision
   * @throws INPUT_TYPE, INPUT_EMPTY, INPUT_TOO_LONG, INPUT_ENCODING where the text cannot be analysed
   */
  async inspect(input: unknown, where: string, explain: boolean): Promise<Embedded> {
    const startedAt = performance.now();
    const text = validateText(input, where);
    const { model } = this.#parts;
    const windows = this.#tokenize(text);
    const reading: Reading = {
      characters: text.length,
      tokens: windows.tokens,
      unknown: windows.unknown,
      surprise: this.#familiarity?.measureSurprise(text),
    };
    const { raw, embedding } = await this.#read(windows);
    const elapsed = (): number => performance.now() - startedAt;
    if (!explain) return { ...composeAnalysis(raw, reading, model, elapsed), embedding };

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
