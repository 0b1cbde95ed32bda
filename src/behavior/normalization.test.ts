import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { Random } from "../base/random.js";
import {
  type BehaviorStatistics,
  maxScore,
  normalizeBehavior,
  observeBehavior,
  observeOwnBehavior,
} from "./normalization.js";
import { type Behavior, type BehaviorSignal, behaviorSignalNames, behaviorSignals } from "./signals.js";
import { LearnerStatistics, PopulationStatistics } from "./statistics.js";
import { validateBehavior } from "./validation.js";

const items = Array.from({ length: 12 }, (_, i) => `item ${i}`);

/** Log-normal times of learners and items that differ: ln t = ln 12 s + item + learner + noise. */
const itemEffects = items.map((_, i) => (i - 5.5) / 6);

function timeOf(random: Random, item: number, learner: number): number {
  return 12_000 * Math.exp((itemEffects[item] as number) + learner + 0.3 * random.normal());
}

/** A population of 40 learners, 60 steps each. */
function populate(seed: number): PopulationStatistics {
  const random = Random.seeded(seed);
  const population = new PopulationStatistics();
  for (let one = 0; one < 40; one++) {
    const learner = new LearnerStatistics();
    const speed = 0.4 * random.normal();
    for (let step = 0; step < 60; step++) {
      const item = random.below(items.length);
      observeBehavior(
        { responseTimeMs: timeOf(random, item, speed), hintsUsed: random.below(3) },
        { population, learner, itemId: items[item] },
      );
    }
  }
  return population;
}

const populated = populate(1).state;

/** A learner whose every time is `factor` of what it would be, after `steps` steps. */
function follow(
  factor: number,
  steps: number,
  seed: number,
): BehaviorStatistics & { readonly learner: LearnerStatistics } {
  const random = Random.seeded(seed, "learner");
  const statistics = {
    population: PopulationStatistics.restore(populated, "test"),
    learner: new LearnerStatistics(),
    itemId: "item 5",
  };
  for (let step = 0; step < steps; step++) {
    const item = random.below(items.length);
    const responseTimeMs = factor * timeOf(random, item, 0);
    observeBehavior({ responseTimeMs }, { ...statistics, itemId: items[item] });
  }
  return statistics;
}

function scoreOf(behavior: Behavior, statistics: BehaviorStatistics, signal: BehaviorSignal): number {
  return normalizeBehavior(behavior, statistics).values[behaviorSignalNames.indexOf(signal)] as number;
}

const timeScore = (responseTimeMs: number, statistics: BehaviorStatistics): number =>
  scoreOf({ responseTimeMs }, statistics, "responseTimeMs");

const kindValues = {
  milliseconds: fc.double({ min: 0, noNaN: true, noDefaultInfinity: true }),
  count: fc.nat(),
  "signed-count": fc.integer(),
  flag: fc.boolean(),
  share: fc.double({ min: 0, max: 1, noNaN: true }),
};

const anyBehavior = fc.record(
  Object.fromEntries(Object.entries(behaviorSignals).map(([name, kind]) => [name, kindValues[kind]])),
  { requiredKeys: [] },
) as fc.Arbitrary<Behavior>;

describe("normalizeBehavior", () => {
  test("whatever was seen before: values are finite and bounded, flags ±1, and what is missing is masked", () => {
    const anyPast = fc.array(fc.tuple(anyBehavior, fc.constantFrom(undefined, "a", "b")), { maxLength: 30 });
    fc.assert(
      fc.property(anyPast, anyBehavior, fc.boolean(), (past, behavior, isKnown) => {
        const population = new PopulationStatistics();
        const learner = isKnown ? new LearnerStatistics() : undefined;
        for (const [one, itemId] of past) observeBehavior(one, { population, learner, itemId });
        const { values, known } = normalizeBehavior(behavior, { population, learner, itemId: "a" });
        assert.equal(values.length, 13);
        assert.equal(known.length, 13);
        for (const [i, signal] of behaviorSignalNames.entries()) {
          const value = behavior[signal];
          assert.equal(known[i], value === undefined ? 0 : 1);
          if (value === undefined) assert.equal(values[i], 0);
          else if (typeof value === "boolean") assert.equal(values[i], value ? 1 : -1);
          else assert.ok(Math.abs(values[i] as number) <= maxScore, `${signal}: ${values[i]}`);
        }
      }),
    );
  });

  test("a signal that was never seen is still missing after others saw it, and one that is usual is known at 0", () => {
    const statistics = { population: new PopulationStatistics(), learner: new LearnerStatistics() };
    for (let i = 0; i < 50; i++) observeBehavior({ skips: 1 }, statistics);
    const index = behaviorSignalNames.indexOf("skips");
    const missing = normalizeBehavior({ attempts: 1 }, statistics);
    assert.deepEqual([missing.values[index], missing.known[index]], [0, 0]);
    const usual = normalizeBehavior({ skips: 1 }, statistics);
    assert.equal(usual.known[index], 1);
    assert.ok(Math.abs(usual.values[index] as number) < 0.2, `${usual.values[index]}`);
  });

  test("after enough data the unit of one learner's speed no longer matters", () => {
    const base = follow(1, 400, 7);
    fc.assert(
      fc.property(
        fc.double({ min: -1.6, max: 1.6, noNaN: true }),
        fc.double({ min: -1, max: 1, noNaN: true }),
        (logFactor, unusual) => {
          const factor = Math.exp(logFactor);
          const time = 12_000 * Math.exp((itemEffects[5] as number) + unusual * 0.6);
          const expected = timeScore(time, base);
          const found = timeScore(time * factor, follow(factor, 400, 7));
          assert.ok(Math.abs(found - expected) < 0.35, `factor ${factor}: ${found} for ${expected}`);
        },
      ),
      { numRuns: 25 },
    );
  });

  test("before that it does: a stranger who takes three times as long is unusual, and less so from step to step", () => {
    const scores = [0, 5, 20, 200].map((steps) => timeScore(36_000, follow(3, steps, 5)));
    assert.ok((scores[0] as number) > 1.5, String(scores));
    assert.ok((scores[0] as number) > (scores[1] as number) && (scores[1] as number) > (scores[2] as number));
    assert.ok(Math.abs(scores[3] as number) < 0.5, String(scores));
  });

  test("an item that takes everyone long is not held against a learner; of an unknown item it is", () => {
    const population = PopulationStatistics.restore(populated, "test");
    const usualOnLast = 12_000 * Math.exp(itemEffects[11] as number);
    assert.ok(Math.abs(timeScore(usualOnLast, { population, itemId: "item 11" })) < 0.4);
    assert.ok(timeScore(usualOnLast, { population, itemId: "new" }) > 1);
    assert.ok(timeScore(usualOnLast, { population }) > 1);
  });

  test("the scores of a learner spread as standard normal ones, once they are known", () => {
    const statistics = follow(0.7, 400, 11);
    const random = Random.seeded(99);
    const scores = Array.from({ length: 2000 }, () => {
      const item = random.below(items.length);
      return timeScore(0.7 * timeOf(random, item, 0), { ...statistics, itemId: items[item] });
    });
    const mean = scores.reduce((sum, one) => sum + one, 0) / scores.length;
    const deviation = Math.sqrt(scores.reduce((sum, one) => sum + (one - mean) ** 2, 0) / scores.length);
    assert.ok(Math.abs(mean) < 0.15, `mean ${mean}`);
    assert.ok(deviation > 0.8 && deviation < 1.2, `deviation ${deviation}`);
  });

  test("nothing of another learner enters but through the population", () => {
    const own = follow(1, 50, 3);
    const before = JSON.stringify(own.learner.state);
    const frozen = PopulationStatistics.restore(own.population.state, "test");
    const score = timeScore(20_000, own);
    const other = new LearnerStatistics();
    for (let i = 0; i < 300; i++) {
      observeBehavior(
        { responseTimeMs: 500_000 },
        { population: own.population, learner: other, itemId: "item 5" },
      );
    }
    assert.equal(JSON.stringify(own.learner.state), before);
    assert.equal(timeScore(20_000, { ...own, population: frozen }), score);
    assert.notEqual(timeScore(20_000, own), score);
  });

  test("what is known of values and items does not depend on the order of steps", () => {
    const steps = fc.array(fc.tuple(anyBehavior, fc.constantFrom(undefined, "a", "b")), { maxLength: 30 });
    fc.assert(
      fc.property(steps, fc.integer(), (inOrder, seed) => {
        const [one, two] = [inOrder, Random.seeded(seed).shuffle([...inOrder])].map((order) => {
          const population = new PopulationStatistics();
          for (const [behavior, itemId] of order) observeBehavior(behavior, { population, itemId });
          const { values, items: kept } = population.state;
          return { values, items: Object.fromEntries(kept) };
        });
        assert.deepEqual(one, two);
      }),
    );
  });

  test("statistics of a learner built again are those kept all along, where the population has not changed", () => {
    const population = PopulationStatistics.restore(populated, "test");
    const before = JSON.stringify(population.state);
    const [again, kept] = [new LearnerStatistics(), new LearnerStatistics()];
    const random = Random.seeded(5);
    for (let step = 0; step < 30; step++) {
      const behavior = { responseTimeMs: timeOf(random, 3, 0.5), hintsUsed: random.below(3), correct: true };
      const itemId = step % 2 === 0 ? "item 3" : undefined;
      observeOwnBehavior(behavior, { population, learner: again, itemId });
      observeBehavior(behavior, {
        population: PopulationStatistics.restore(populated, "test"),
        learner: kept,
        itemId,
      });
    }
    assert.deepEqual(again.state, kept.state);
    assert.equal(JSON.stringify(population.state), before);
  });

  test("hints among learners who ask for none: one is a unit, and more is more", () => {
    const population = new PopulationStatistics();
    for (let i = 0; i < 500; i++) observeBehavior({ hintsUsed: 0 }, { population });
    const scores = [0, 1, 3].map((hintsUsed) => scoreOf({ hintsUsed }, { population }, "hintsUsed"));
    assert.deepEqual(
      scores.map((one) => Math.round(one * 100) / 100),
      [0, 1, 2],
    );
  });

  test("a difficulty and a streak mean the same for everyone", () => {
    const statistics = { population: new PopulationStatistics(), learner: new LearnerStatistics() };
    const fresh = { population: statistics.population };
    for (let i = 0; i < 100; i++) {
      observeBehavior({ itemDifficulty: 0.9, correctStreak: -3 }, statistics);
      for (let k = 0; k < 3; k++) observeBehavior({ itemDifficulty: 0.4, correctStreak: 1 }, fresh);
    }
    const hard = validateBehavior({ itemDifficulty: 0.9, correctStreak: -3 }, "test");
    assert.deepEqual(normalizeBehavior(hard, statistics), normalizeBehavior(hard, fresh));
    assert.ok(scoreOf(hard, statistics, "correctStreak") < -1);
    assert.ok(scoreOf(hard, statistics, "itemDifficulty") > 1);
  });
});
