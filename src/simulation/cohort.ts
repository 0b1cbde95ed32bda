/** @file Makes a cohort of simulated learners: who they are and what they meet hangs on the seed and their index alone. */
import { AppError } from "../base/errors.js";
import { Random } from "../base/random.js";
import type { CohortOptions } from "./cohort-options.js";
import { drawItemBank, itemAt } from "./item-bank.js";
import { Learner } from "./learner.js";
import type { SimulatedLearner } from "./learner-contract.js";
import { buildModel } from "./model.js";
import { defaultParameters } from "./parameters.js";
import { freshTask, meanKnown } from "./state.js";
import { knowledgeGroups } from "./step.js";
import { drawStart } from "./traits.js";

/** Sessions begin within this time of each other, ms. */
const startWindow = 3_600_000;

/** Monday, 1 September 2025, 08:00 UTC. */
const schoolBegins = Date.UTC(2025, 8, 1, 8);

function groupWeights(groups: CohortOptions["groups"]): readonly number[] {
  const weights = knowledgeGroups.map((group) => groups?.[group] ?? (groups === undefined ? 1 : 0));
  if (
    !weights.every((weight) => Number.isFinite(weight) && weight >= 0) ||
    !weights.some((weight) => weight > 0)
  ) {
    throw new AppError(
      "CONFIG_INVALID",
      `create cohort: expected group weights from 0 with one above, got ${weights.join(", ")}; give low, middle and high`,
    );
  }
  return weights;
}

/**
 * Learners of a seed. Learner i is the same whatever the number of learners.
 * @throws CONFIG_INVALID for a number of learners under 1, a seed that is no whole number, or parameters that do not hold
 */
export function createCohort(options: CohortOptions): readonly SimulatedLearner[] {
  const { learners, seed, platform, startAt = schoolBegins } = options;
  if (!Number.isSafeInteger(learners) || learners < 1 || !Number.isSafeInteger(seed)) {
    throw new AppError(
      "CONFIG_INVALID",
      `create cohort: expected a whole number of learners from 1 and a whole seed, got ${learners} and ${seed}; correct them`,
    );
  }
  const weights = groupWeights(options.groups);
  const model = buildModel(options.parameters ?? defaultParameters);
  const bank = drawItemBank(model, Random.seeded(seed, "items"));
  const world = { model, bank, utterances: options.utterances, seed };
  return Array.from({ length: learners }, (_, index) => {
    const random = Random.seeded(seed, `learner ${index}`);
    const { traits, known, affect } = drawStart(model, weights, platform, random);
    const startedAt = startAt + random.below(startWindow);
    const person = { index, traits, knowledgeAtStart: meanKnown(known), startedAt };
    const state = {
      steps: 0,
      now: startedAt,
      affect: { state: affect, seconds: 0 },
      emotion: "neutral" as const,
      known,
      tiringMinutes: 0,
      annoyance: 0,
      assistance: 0,
      praise: 0,
      task: freshTask(itemAt(bank, model.knowledge.blockItems, traits.firstItem, 0)),
      tasksDone: 0,
      streak: 0,
      skips: 0,
      done: false,
    };
    return new Learner(world, person, state, random);
  });
}
