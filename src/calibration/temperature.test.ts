import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Random } from "../base/random.js";
import { minimise } from "./lbfgs.js";
import { softmax } from "./probability.js";
import { fitSigmoidTemperature, fitSoftmaxTemperature } from "./temperature.js";

/** Draws an index from probabilities. */
function draw(random: Random, probabilities: Float64Array): number {
  let left = random.float();
  const found = probabilities.findIndex((p) => {
    left -= p;
    return left < 0;
  });
  return found < 0 ? probabilities.length - 1 : found;
}

/** Rows whose labels follow `softmax(z)`, with logits scaled by the temperature to be recovered. */
function softmaxRows(count: number, temperature: number): { logits: Float64Array; truth: number }[] {
  const random = Random.seeded(3, "softmax");
  return Array.from({ length: count }, () => {
    const z = Float64Array.from({ length: 8 }, () => 2 * random.normal());
    return { truth: draw(random, softmax(z)), logits: z.map((x) => x * temperature) };
  });
}

describe("fitSoftmaxTemperature", () => {
  for (const temperature of [0.4, 1, 2.5]) {
    test(`recovers ${temperature} from labels drawn at it`, () => {
      const fitted = fitSoftmaxTemperature(softmaxRows(4000, temperature));
      assert.ok(Math.abs(fitted / temperature - 1) < 0.06, `got ${fitted}`);
    });
  }

  test("no other temperature nearby has a lower loss", () => {
    const rows = softmaxRows(500, 2);
    const loss = (t: number): number =>
      rows.reduce(
        (sum, row) => sum - Math.log(softmax(row.logits, t)[row.truth] as number),
        Math.log(t) ** 2 / 2,
      );
    const fitted = fitSoftmaxTemperature(rows);
    assert.ok(loss(fitted) <= loss(fitted * 1.001) && loss(fitted) <= loss(fitted / 1.001));
  });

  test("separable rows give a finite temperature below 1", () => {
    const rows = Array.from({ length: 50 }, (_, i) => ({ logits: i % 2 ? [0, 5] : [5, 0], truth: i % 2 }));
    const fitted = fitSoftmaxTemperature(rows);
    assert.ok(fitted > 0.05 && fitted < 1, `got ${fitted}`);
  });

  test("logits far beyond exp's range still fit", () => {
    const fitted = fitSoftmaxTemperature(softmaxRows(2000, 1000));
    assert.ok(Math.abs(fitted / 1000 - 1) < 0.1, `got ${fitted}`);
  });
});

test("fitSigmoidTemperature recovers the temperature labels were drawn at", () => {
  const random = Random.seeded(4, "sigmoid");
  const rows = Array.from({ length: 1500 }, () => {
    const z = Float64Array.from({ length: 5 }, () => 2 * random.normal() - 1);
    const truths = [...z.keys()].filter((i) => random.float() < 1 / (1 + Math.exp(-(z[i] as number))));
    return { truths, logits: z.map((x) => x * 1.8) };
  });
  const fitted = fitSigmoidTemperature(rows);
  assert.ok(Math.abs(fitted / 1.8 - 1) < 0.06, `got ${fitted}`);
});

describe("bad input is refused by name", () => {
  const cases: [string, () => unknown, RegExp][] = [
    ["no rows", () => fitSoftmaxTemperature([]), /got none/],
    ["no rows, sigmoid", () => fitSigmoidTemperature([]), /got none/],
    ["NaN logits", () => fitSoftmaxTemperature([{ logits: [0, Number.NaN], truth: 0 }]), /NaN in row 0/],
    ["a class too high", () => fitSoftmaxTemperature([{ logits: [0, 1], truth: 2 }]), /got 2 in row 0/],
    ["a negative label", () => fitSigmoidTemperature([{ logits: [0, 1], truths: [-1] }]), /got -1 in row 0/],
  ];
  for (const [name, run, message] of cases) {
    test(name, () => assert.throws(run, { code: "DATA_INVALID", message }));
  }
});

describe("minimise", () => {
  test("finds the minimum of Rosenbrock's valley", () => {
    const { point } = minimise(
      ([x = 0, y = 0]) => ({
        value: (1 - x) ** 2 + 100 * (y - x * x) ** 2,
        gradient: [-2 * (1 - x) - 400 * x * (y - x * x), 200 * (y - x * x)],
      }),
      [-1.2, 1],
      { maxIterations: 500 },
    );
    assert.ok(
      point.every((x) => Math.abs(x - 1) < 1e-5),
      `${point}`,
    );
  });

  test("refuses a start where the function is not finite", () => {
    assert.throws(() => minimise(() => ({ value: Number.NaN, gradient: [0] }), [0]), {
      code: "DATA_INVALID",
    });
  });
});
