/** @file Validation during a run: logits of held-out rows from the weights as they are, and the figures they give. */

import { type HeadName, headSizes } from "../../base/head.js";
import type { HeadLogits } from "../../calibration/calibration.js";
import { argmax, sigmoid } from "../../calibration/probability.js";
import { fitThresholds } from "../../calibration/thresholds.js";
import type { Example } from "../../data/example.js";
import { measureClasses } from "../../metrics/classification.js";
import { pearson } from "../../metrics/correlation.js";
import { layGrid, measureLabels } from "../../metrics/multi-label.js";
import { measureOrdinal } from "../../metrics/ordinal.js";
import { Session, type SessionOptions, type Tensor } from "../../runtime/session.js";
import type { ParameterMemory } from "../memory.js";
import type { Base } from "./base.js";
import { hasLabel } from "./dataset.js";
import { computeLogits } from "./forward.js";
import { buildForwardNetwork } from "./network.js";

/** The forward graph in a session, reading the weights of a memory in place. */
export class Validator {
  readonly #session: Session;
  readonly #base: Base;
  readonly #feeds: Record<string, Tensor> = {};

  private constructor(session: Session, base: Base, memory: ParameterMemory) {
    this.#session = session;
    this.#base = base;
    const region = memory.has("average") ? "average" : "weights";
    for (const { name, shape } of base.parameters) {
      const data = region === "average" ? memory.average(name) : memory.weights(name);
      this.#feeds[name] = { type: "float32", dims: shape, data };
    }
  }

  /** Opens the graph on the moving average where the memory has one, else on the weights. */
  static async open(base: Base, memory: ParameterMemory, session: SessionOptions): Promise<Validator> {
    const model = buildForwardNetwork(base.config, base.parameters);
    return new Validator(await Session.open(model, { memoryPattern: false, ...session }), base, memory);
  }

  /** Logits of each row of token ids, in order; `undefined` when told to stop meanwhile. */
  async computeLogits(
    rows: readonly Int32Array[],
    keepGoing: () => boolean,
  ): Promise<HeadLogits[] | undefined> {
    return computeLogits(this.#session, this.#feeds, rows, this.#base.tokenizer.padId, keepGoing);
  }

  /** Frees the session. */
  async close(): Promise<void> {
    await this.#session.close();
  }
}

/** Row numbers, and of each what is measured. */
const all = (count: number): Int32Array => Int32Array.from({ length: count }, (_, i) => i);

const axes = {
  pad: ["pleasure", "arousal", "dominance"],
  emobank: ["valence", "arousal", "dominance"],
} as const;

/**
 * Figures of each head on its labelled rows: `emotion.accuracy`, `emotion.macroF1`, `goemotions.macroF1` (at the best
 * single threshold of these very rows), `pad.pleasure.r` …, `emobank.valence.r` …, `readiness.r`, `support.withinOne`,
 * `support.kappa`, and `combined`, the mean of the two macro-F1 that there are.
 */
export function measureFigures(
  examples: readonly Example[],
  logits: readonly HeadLogits[],
): Record<string, number> {
  const figures: Record<string, number> = {};
  const labelled = (head: HeadName): number[] =>
    examples.flatMap((example, i) => (hasLabel(example, head) ? [i] : []));
  const at = (i: number): HeadLogits => logits[i] as HeadLogits;
  const row = (i: number): Example => examples[i] as Example;

  const emotion = labelled("emotion");
  if (emotion.length > 0) {
    const truths = emotion.map((i) => row(i).emotion?.primary ?? 0);
    const { accuracy, macroF1 } = measureClasses(
      truths,
      emotion.map((i) => argmax(at(i).emotion)),
      headSizes.emotion,
      all(truths.length),
    );
    figures["emotion.accuracy"] = accuracy;
    figures["emotion.macroF1"] = macroF1;
  }
  const goemotions = labelled("goemotions");
  if (goemotions.length > 0) {
    const rows = goemotions.map((i) => ({
      probabilities: sigmoid(at(i).goemotions, 1),
      truths: row(i).goemotions ?? [],
    }));
    const { global } = fitThresholds(rows);
    const decided = rows.map(({ probabilities, truths }) => ({
      truths,
      decided: Array.from(probabilities).flatMap((p, label) => (p >= global ? [label] : [])),
    }));
    figures["goemotions.macroF1"] = measureLabels(
      layGrid(headSizes.goemotions, decided),
      all(decided.length),
    ).macroF1;
  }
  for (const head of ["pad", "emobank"] as const) {
    const places = labelled(head);
    if (places.length === 0) continue;
    axes[head].forEach((axis, a) => {
      const truths = places.map((i) => row(i)[head]?.[a] ?? 0);
      const predictions = places.map((i) => sigmoid(at(i)[head], 1)[a] as number);
      figures[`${head}.${axis}.r`] = pearson(truths, predictions, all(places.length));
    });
  }
  const readiness = labelled("readiness");
  if (readiness.length > 0) {
    const truths = readiness.map((i) => row(i).readiness ?? 0);
    figures["readiness.r"] = pearson(
      truths,
      readiness.map((i) => sigmoid(at(i).readiness, 1)[0] as number),
      all(truths.length),
    );
  }
  const support = labelled("support");
  if (support.length > 0) {
    const truths = support.map((i) => row(i).support ?? 0);
    const { withinOne, kappa } = measureOrdinal(
      truths,
      support.map((i) => argmax(at(i).support)),
      headSizes.support,
      all(truths.length),
    );
    figures["support.withinOne"] = withinOne;
    figures["support.kappa"] = kappa;
  }
  const scores = ["emotion.macroF1", "goemotions.macroF1"].flatMap((name) => figures[name] ?? []);
  if (scores.length > 0) figures.combined = scores.reduce((sum, score) => sum + score, 0) / scores.length;
  return figures;
}
