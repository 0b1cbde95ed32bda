import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { Random } from "../base/random.js";
import { conformalQuantile, fitConformal, predictSet, scoreRanks } from "./conformal.js";
import { rankDescending, softmax } from "./probability.js";

/** Rows whose stated probabilities are twice too sharp, so that only the conformal quantile can give coverage. */
function drawRows(count: number, stream: string): { probabilities: Float64Array; truth: number }[] {
  const random = Random.seeded(11, stream);
  return Array.from({ length: count }, () => {
    const z = Float64Array.from({ length: 12 }, () => 1.2 * random.normal());
    const honest = softmax(z);
    let left = random.float();
    const truth = honest.findIndex((p) => {
      left -= p;
      return left < 0;
    });
    return { probabilities: softmax(z, 0.5), truth: Math.max(0, truth) };
  });
}

describe("fitConformal", () => {
  for (const coverage of [0.7, 0.8, 0.9, 0.95]) {
    test(`coverage ${coverage} holds on fresh draws within its binomial interval`, () => {
      const conformal = fitConformal(drawRows(3000, "fit"), coverage, 1);
      const fresh = drawRows(4000, "fresh");
      const covered = fresh.filter((row) =>
        predictSet(row.probabilities, conformal).includes(row.truth),
      ).length;
      // Four standard errors of both samples (1,500 rows for the quantile, 4,000 fresh).
      const slack = 4 * Math.sqrt(coverage * (1 - coverage) * (1 / 1500 + 1 / 4000));
      assert.ok(Math.abs(covered / 4000 - coverage) < slack, `covered ${covered / 4000}`);
    });
  }

  test("sets grow with the coverage asked and stay short of everything", () => {
    const fresh = drawRows(500, "size");
    const sizes = [0.6, 0.8, 0.95].map((coverage) => {
      const conformal = fitConformal(drawRows(2000, "fit"), coverage, 1);
      return fresh.reduce((sum, row) => sum + predictSet(row.probabilities, conformal).length, 0) / 500;
    });
    assert.ok(
      (sizes[0] as number) < (sizes[1] as number) && (sizes[1] as number) < (sizes[2] as number),
      `${sizes}`,
    );
    assert.ok((sizes[2] as number) < 10, `${sizes}`);
  });

  test("too few rows for the coverage let every class in, in numbers JSON can hold", () => {
    const conformal = fitConformal(drawRows(5, "few"), 0.95, 1);
    assert.deepEqual(JSON.parse(JSON.stringify(conformal)), conformal);
    assert.equal(predictSet(softmax(Array.from({ length: 12 }, (_, i) => i)), conformal).length, 12);
  });

  test("a model that is always right gets singletons", () => {
    const rows = Array.from({ length: 300 }, (_, i) => ({
      probabilities: softmax(Array.from({ length: 5 }, (_, c) => (c === i % 5 ? 3 : 0))),
      truth: i % 5,
    }));
    const conformal = fitConformal(rows, 0.9, 1);
    assert.ok(rows.every((row) => predictSet(row.probabilities, conformal).length === 1));
  });

  test("the same seed gives the same fit", () => {
    assert.deepEqual(fitConformal(drawRows(400, "fit"), 0.9, 5), fitConformal(drawRows(400, "fit"), 0.9, 5));
  });

  test("bad input is refused by name", () => {
    assert.throws(() => fitConformal([], 0.9, 0), { code: "DATA_INVALID" });
    assert.throws(() => fitConformal(drawRows(3, "x"), 1, 0), { code: "CONFIG_INVALID" });
    assert.throws(() => fitConformal(drawRows(3, "x"), Number.NaN, 0), { code: "CONFIG_INVALID" });
    assert.throws(() => fitConformal([{ probabilities: [0.5, 0.5], truth: 2 }], 0.9, 0), {
      code: "DATA_INVALID",
      message: /got 2 in row 0/,
    });
  });
});

test("conformalQuantile is the ⌈(n + 1) · coverage⌉-th smallest score", () => {
  const scores = [0.9, 0.1, 0.5, 0.3, 0.7, 0.2, 0.4, 0.6, 0.8];
  assert.equal(conformalQuantile(scores, 0.9), 0.9);
  assert.equal(conformalQuantile(scores, 0.5), 0.5);
  assert.equal(conformalQuantile(scores, 0.91), Number.POSITIVE_INFINITY);
  assert.throws(() => conformalQuantile([], 0.9), { code: "DATA_INVALID" });
});

test("scoreRanks: mass before plus a penalty beyond the free classes", () => {
  const scores = scoreRanks([0.2, 0.5, 0.3], [1, 2, 0], { penalty: 0.1, freeClasses: 1 });
  [0, 0.6, 1].forEach((expected, i) => {
    assert.ok(Math.abs((scores[i] as number) - expected) < 1e-12);
  });
});

test("a prediction set is a non-empty beginning of the ranking, whatever the parameters", () => {
  const numbers = fc.array(fc.double({ min: -20, max: 20, noNaN: true }), { minLength: 1, maxLength: 41 });
  const quantiles = fc.double({ min: -1, max: 2, noNaN: true });
  fc.assert(
    fc.property(
      numbers,
      quantiles,
      fc.double({ min: 0, max: 1, noNaN: true }),
      (logits, quantile, penalty) => {
        const probabilities = softmax(logits);
        const set = predictSet(probabilities, { quantile, penalty, freeClasses: 1 });
        assert.ok(set.length > 0);
        assert.deepEqual(set, rankDescending(probabilities).slice(0, set.length));
      },
    ),
  );
});
