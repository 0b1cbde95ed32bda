/** @file A training step of an encoder as the loop runs it, ready to be repeated. */

import { headNames } from "../src/base/head.js";
import { Random } from "../src/base/random.js";
import type { Example } from "../src/data/example.js";
import type { EncoderConfig } from "../src/model/encoder-config.js";
import { listEncoderParameters } from "../src/model/encoder-parameters.js";
import { listHeadParameters } from "../src/model/heads.js";
import { initializeParameters } from "../src/model/parameter.js";
import type { Experiment } from "../src/training/experiment.js";
import { ParameterMemory } from "../src/training/memory.js";
import { AdamW } from "../src/training/optimizer.js";
import { isFrozen } from "../src/training/text/base.js";
import { Trainer, type TrainingBatch } from "../src/training/text/step.js";
import { buildTargets } from "../src/training/text/target.js";
import type { TrainedParameter } from "../src/training/trained-parameter.js";

/** What stays as it is, as an experiment says it. */
export type Freeze = Experiment["freeze"];

/** All weights are trained. */
export const nothingFrozen: Freeze = { embeddings: false, layers: 0 };

const rates = { encoderLearningRate: 1e-4, headLearningRate: 1e-3, gradientScale: 1 };
const lossWeights = { emotion: 1, goemotions: 1, pad: 3, emobank: 3, readiness: 3, support: 0.3 };
const labelShares = { emotion: 1, goemotions: 1, pad: 1, emobank: 1, readiness: 1, support: 1 };

const example = (i: number): Example => ({
  id: `${i}`,
  text: "",
  split: "train",
  emotion: { primary: i % 41, also: [] },
  goemotions: [i % 28],
  pad: [0.5, 0.2, 0.9],
  emobank: [0.4, 0.5, 0.6],
  readiness: 0.3,
  support: i % 6,
});

/** All weights trained but those frozen, every head, dropout on the pooled vector, AdamW with clipping: as PyTorch's side does. */
export class TrainingStep {
  readonly config: EncoderConfig;
  readonly specs: readonly TrainedParameter[];
  readonly #trainer: Trainer;
  readonly #optimizer: AdamW;
  readonly #random = Random.seeded(2);

  private constructor(
    config: EncoderConfig,
    specs: readonly TrainedParameter[],
    trainer: Trainer,
    optimizer: AdamW,
  ) {
    this.config = config;
    this.specs = specs;
    this.#trainer = trainer;
    this.#optimizer = optimizer;
  }

  /** @param arrays weights of the encoder by our names; drawn at random where absent, which costs the same time */
  static async open(
    config: EncoderConfig,
    arrays: ReadonlyMap<string, Float32Array>,
    threads: number,
    { ema = false, freeze = nothingFrozen }: { readonly ema?: boolean; readonly freeze?: Freeze } = {},
  ): Promise<TrainingStep> {
    const parameters = [...listEncoderParameters(config), ...listHeadParameters(config.hidden)];
    const specs = parameters.map((spec) => ({ ...spec, frozen: isFrozen(spec.name, freeze) }));
    const memory = new ParameterMemory(specs, { ema, accumulate: false });
    for (const [name, data] of initializeParameters(specs, Random.seeded(1)))
      memory.weights(name).set(arrays.get(name) ?? data);
    const dropout = { pooled: 0.1, hidden: 0, attention: 0 };
    const options = { config, parameters: specs, heads: headNames, lossWeights, dropout };
    const trainer = await Trainer.open(options, memory, { threads });
    return new TrainingStep(config, specs, trainer, new AdamW(memory, ema ? { emaDecay: 0.999 } : {}));
  }

  /** A batch of random words and made-up labels. */
  batch(batch: number, tokens: number): TrainingBatch {
    const word = (): bigint => BigInt(1000 + this.#random.below(this.config.vocabularySize - 1000));
    const examples = Array.from({ length: batch }, (_, i) => example(i));
    const options = { heads: headNames, alsoShare: 0.15, labelSmoothing: 0, labelShares };
    return {
      ids: new BigInt64Array(batch * tokens).map(word),
      mask: new BigInt64Array(batch * tokens).fill(1n),
      batch,
      tokens,
      targets: buildTargets(examples, options, batch),
    };
  }

  /** Forward, backward and update. */
  async run(batch: TrainingBatch): Promise<void> {
    await this.#trainer.computeGradients(batch, this.#random);
    this.#optimizer.step(rates);
  }

  /** Frees the session. */
  async close(): Promise<void> {
    await this.#trainer.close();
  }
}
