/** @file The text model as a task: tokens in, heads' losses and gradients out, figures on the validation rows. */
import type { Random } from "../../base/random.js";
import type { PartLosses, Task } from "../task.js";
import type { Dataset } from "./dataset.js";
import type { Feed } from "./feed.js";
import type { Trainer } from "./step.js";
import { measureFigures, type Validator } from "./validation.js";

/** What a text task is put together from; it closes the trainer and the validator. */
export interface TextTaskParts {
  readonly dataset: Dataset;
  readonly feed: Feed;
  readonly trainer: Trainer;
  readonly validator: Validator;
  /** Token ids of the validation rows. */
  readonly validationIds: readonly Int32Array[];
}

/** The text model. */
export class TextTask implements Task {
  readonly lengths: ArrayLike<number>;
  readonly weights: ArrayLike<number>;
  readonly #parts: TextTaskParts;

  constructor(parts: TextTaskParts) {
    this.#parts = parts;
    this.lengths = parts.feed.lengths;
    this.weights = parts.dataset.weights;
  }

  async *computeGradients(rows: Int32Array, step: number, random: Random): AsyncGenerator<PartLosses> {
    const { feed, trainer } = this.#parts;
    for (const part of feed.partsOf(rows, step)) {
      const { total, parts } = await trainer.computeGradients(part, random);
      yield { total, parts, size: part.batch * part.tokens };
    }
  }

  async measureFigures(keepGoing: () => boolean): Promise<Record<string, number> | undefined> {
    const { validator, validationIds, dataset } = this.#parts;
    const logits = await validator.computeLogits(validationIds, keepGoing);
    return logits && measureFigures(dataset.validation, logits);
  }

  async close(): Promise<void> {
    await this.#parts.trainer.close();
    await this.#parts.validator.close();
  }
}
