import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Random } from "../base/random.js";
import { testTransitions } from "./transition-statistics.js";

const states = 4;

interface World {
  readonly learners: number;
  readonly steps: number;
  /** Weights with which the next state is drawn. */
  readonly weights: readonly number[];
  /** Probability of staying before anything is drawn. */
  readonly stay?: number;
  /** Odds of 1 after 0, times those of chance. */
  readonly lift?: number;
}

function draw(weights: readonly number[], random: Random): number {
  let left = random.float() * weights.reduce((sum, weight) => sum + weight, 0);
  return Math.max(
    0,
    weights.findIndex((weight) => {
      left -= weight;
      return left < 0;
    }),
  );
}

function simulate({ learners, steps, weights, stay = 0, lift = 1 }: World, random: Random): number[][] {
  return Array.from({ length: learners }, () => {
    let state = draw(weights, random);
    return Array.from({ length: steps }, () => {
      if (random.float() < stay) return state;
      const lifted = weights.map((weight, to) => (state === 0 && to === 1 ? weight * lift : weight));
      state = draw(lifted, random);
      return state;
    });
  });
}

/** D'Mello's L after repetitions are dropped, mean over learners, with the t statistic of its mean against 0. */
function measureL(sequences: readonly (readonly number[])[], from: number, to: number) {
  const values = sequences.flatMap((sequence) => {
    const changed = sequence.filter((state, i) => state !== sequence[i - 1]);
    const next = changed.slice(1);
    const after = next.filter((_, i) => changed[i] === from);
    const base = next.filter((state) => state === to).length / next.length;
    if (after.length === 0 || base === 1) return [];
    return [(after.filter((state) => state === to).length / after.length - base) / (1 - base)];
  });
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const spread = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1);
  return { mean, t: mean / Math.sqrt(spread / values.length) };
}

const even = [1, 1, 1, 1];

describe("on sequences without any rule", () => {
  test("L finds one between all states, where the marginal models find none", () => {
    const sequences = simulate({ learners: 300, steps: 80, weights: even }, Random.seeded(1, "bias"));
    for (let from = 0; from < states; from++) {
      for (let to = 0; to < states; to++) {
        if (from === to) continue;
        const { mean, t } = measureL(sequences, from, to);
        // 1/(n − 1)² of Karumbaiah, Baker & Ocumpaugh 2019.
        assert.ok(Math.abs(mean - 1 / 9) < 0.03, `${from} → ${to}: ${mean}`);
        assert.ok(t > 5);
      }
    }
    const { tests } = testTransitions(sequences, states);
    assert.equal(tests.length, 12);
    assert.ok(tests.every(({ qValue, oddsRatio }) => qValue > 0.05 && Math.abs(Math.log(oddsRatio)) < 0.15));
  });

  for (const [name, world] of [
    ["even base rates", { learners: 40, steps: 40, weights: even }],
    ["uneven base rates and states that last", { learners: 40, steps: 40, weights: [5, 2, 2, 1], stay: 0.5 }],
  ] as const) {
    test(`the share of studies with a false finding is what was asked for: ${name}`, () => {
      const random = Random.seeded(7, name);
      const studies = 300;
      let withFinding = 0;
      let small = 0;
      let tested = 0;
      for (let study = 0; study < studies; study++) {
        const { tests } = testTransitions(simulate(world, random), states);
        if (tests.some(({ qValue }) => qValue <= 0.05)) withFinding++;
        small += tests.filter(({ pValue }) => pValue <= 0.05).length;
        tested += tests.length;
      }
      // Binomial, 300 studies at .05: 2.5 standard errors above are .081.
      assert.ok(withFinding / studies <= 0.081, `${withFinding} of ${studies}`);
      assert.ok(small / tested > 0.035 && small / tested < 0.062, `p ≤ .05 in ${small / tested}`);
    });
  }
});

describe("on sequences with a rule", () => {
  test("it is found, with its odds, and called oftener; what it crowds out is not taken for another", () => {
    const world = { learners: 120, steps: 60, weights: [3, 2, 2, 1], stay: 0.3, lift: 3 };
    const { tests, learners } = testTransitions(simulate(world, Random.seeded(11, "rule")), states);
    assert.equal(learners, 120);
    const found = tests.filter(({ qValue }) => qValue <= 0.05);
    const [rule] = [...found].sort((a, b) => b.z - a.z);
    assert.deepEqual([rule?.from, rule?.to], [0, 1]);
    const { oddsRatio = 0, z = 0 } = rule ?? {};
    assert.ok(oddsRatio > 1.3 && z > 6, `${oddsRatio}, z ${z}`);
  });

  test("a transition never taken is found too", () => {
    const random = Random.seeded(13, "never");
    const sequences = simulate({ learners: 60, steps: 60, weights: even, lift: 0 }, random);
    const never = testTransitions(sequences, states).tests.find(({ from, to }) => from === 0 && to === 1);
    assert.equal(never?.oddsRatio, 0);
    assert.ok((never?.qValue as number) < 0.001 && (never?.z as number) < -5);
  });
});

test("too few learners, unknown states and rare pairs are said, not guessed", () => {
  const sequences = simulate({ learners: 30, steps: 30, weights: [1, 1, 1, 0] }, Random.seeded(1));
  const { tests, untested } = testTransitions(sequences, states);
  assert.equal(tests.length + untested.length, 12);
  assert.ok(untested.some(([from, to]) => from === 3 && to === 0));
  assert.ok(tests.every(({ from, to }) => from !== 3 && to !== 3));
  assert.throws(() => testTransitions(sequences.slice(0, 19), states), { code: "DATA_INVALID" });
  assert.throws(() => testTransitions([...sequences, [0, 4]], states), { code: "DATA_INVALID" });
  assert.throws(() => testTransitions(Array(30).fill([2, 2, 2]), states), { code: "DATA_INVALID" });
});

test("q-values are Benjamini and Hochberg's: they rise with p, and are at least it", () => {
  const world = { learners: 60, steps: 40, weights: even, lift: 2 };
  const { tests } = testTransitions(simulate(world, Random.seeded(17)), states);
  const sorted = [...tests].sort((a, b) => a.pValue - b.pValue);
  sorted.forEach(({ pValue, qValue }, k) => {
    const rest = sorted.slice(k).map((one, l) => (one.pValue * sorted.length) / (k + l + 1));
    assert.ok(Math.abs(qValue - Math.min(1, ...rest)) < 1e-12);
    assert.ok(qValue >= pValue);
  });
});
