/** @file What a learned transition model is worth on learners it never saw, beside "same as now" and base rates: simulated learners. */
import { emotionIds, emotionIndex } from "../emotion/taxonomy.js";
import { bootstrap, type Figure } from "../metrics/bootstrap.js";
import { createCohort } from "../simulation/cohort.js";
import {
  type EmotionSequence,
  fitTransitionModel,
  listTransitions,
  type TransitionModel,
  TransitionPredictor,
} from "../trajectory/transition-model.js";

/** Ways to tell the next emotion. `same as now` stays with the share seen in training, else is anything. */
export const nextEmotionRules = ["learned", "same as now", "base rates"] as const;

/** A way to tell the next emotion. */
export type NextEmotionRule = (typeof nextEmotionRules)[number];

/** How well the next emotion is told, intervals over learners. */
export interface TransitionFigures {
  readonly learners: number;
  readonly transitions: number;
  /** Mean −log probability of what came, nats. */
  readonly logLoss: Readonly<Record<NextEmotionRule, Figure>>;
  /** Share in which the most probable emotion came. */
  readonly top1: Readonly<Record<NextEmotionRule, Figure>>;
  /** By how much the learned model's log loss is below the better of the other two's; positive is better. */
  readonly gain: Figure;
}

/** Most steps of a session. */
const longest = 50;

/** Emotions behind the messages that simulated learners write, nothing being done for them. */
export function simulateEmotions(learners: number, seed: number): EmotionSequence[] {
  return createCohort({ learners, seed }).map((learner) => {
    const steps: { emotion: number; at: number }[] = [];
    for (let step = 0; step < longest && !learner.done; step++) {
      const { observed, latent } = learner.next(0);
      if (observed.wrote) steps.push({ emotion: emotionIndex(latent.emotion) as number, at: observed.at });
    }
    return steps;
  });
}

/** Learns on simulated learners of one seed. */
export function learnSimulatedTransitions(learners: number, seed: number): TransitionModel {
  return fitTransitionModel(simulateEmotions(learners, seed), `${learners} simulated learners, seed ${seed}`);
}

/** Scores a model on sequences it was not learned on. @throws DATA_INVALID where there is no transition */
export function scoreTransitions(
  model: TransitionModel,
  unseen: readonly EmotionSequence[],
  seed = 1,
): TransitionFigures {
  const predictor = new TransitionPredictor(model);
  const base = predictor.base;
  const commonest = base.indexOf(Math.max(...base));
  const seen = model.counts.reduce((sum, [, , times]) => sum + times, 0);
  const stayed = model.counts.reduce((sum, [from, to, times]) => sum + (from === to ? times : 0), 0);
  // One more of each: what never happened is not impossible.
  const stay = (stayed + 1) / (seen + 2);
  const elsewhere = (1 - stay) / (emotionIds.length - 1);
  const best = emotionIds.map((_, from) => {
    const row = emotionIds.map((_, to) => predictor.probability(from, to));
    return row.indexOf(Math.max(...row));
  });
  const sums = unseen
    .map(listTransitions)
    .filter(({ length }) => length > 0)
    .map((transitions) => {
      const sum = { count: transitions.length, loss: [0, 0, 0], hits: [0, 0, 0] };
      for (const [from, to, gap] of transitions) {
        const shares = [
          predictor.probability(from, to, gap),
          from === to ? stay : elsewhere,
          base[to] as number,
        ];
        shares.forEach((share, rule) => {
          sum.loss[rule] = (sum.loss[rule] as number) - Math.log(share);
        });
        [best[from], from, commonest].forEach((guess, rule) => {
          if (guess === to) sum.hits[rule] = (sum.hits[rule] as number) + 1;
        });
      }
      return sum;
    });
  const figures = bootstrap(
    sums.length,
    (indices) => {
      let count = 0;
      const [loss, hits] = [new Float64Array(3), new Float64Array(3)];
      for (const i of indices) {
        const sum = sums[i] as (typeof sums)[number];
        count += sum.count;
        for (let rule = 0; rule < 3; rule++) {
          loss[rule] = (loss[rule] as number) + (sum.loss[rule] as number);
          hits[rule] = (hits[rule] as number) + (sum.hits[rule] as number);
        }
      }
      const [learned = 0, same = 0, rates = 0] = loss.map((value) => value / count);
      const [hitLearned = 0, hitSame = 0, hitRates = 0] = hits.map((value) => value / count);
      const gain = Math.min(same, rates) - learned;
      return { learned, same, rates, hitLearned, hitSame, hitRates, gain };
    },
    { seed },
  );
  return {
    learners: sums.length,
    transitions: sums.reduce((sum, { count }) => sum + count, 0),
    logLoss: { learned: figures.learned, "same as now": figures.same, "base rates": figures.rates },
    top1: { learned: figures.hitLearned, "same as now": figures.hitSame, "base rates": figures.hitRates },
    gain: figures.gain,
  };
}
