import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { labelsAbove } from "../calibration/apply.js";
import { bootstrap, quantile } from "./bootstrap.js";
import { countConfusion, macroF1, measureClasses, perClass } from "./classification.js";
import { constantError, meanAbsoluteError, pearson } from "./correlation.js";
import { isAnyMatch, layGrid, measureLabels, perLabel } from "./multi-label.js";
import { measureOrdinal } from "./ordinal.js";

// The same little generator ran in Python; the expected values below are scikit-learn 1.9's and scipy's on its rows.
let state = 1;
function next(): number {
  state = (state * 75 + 74) % 65537;
  return state / 65537;
}
const rows = Array.from({ length: 200 }, () => {
  const truth = Math.floor(next() * 7);
  const prediction = next() < 0.6 ? truth : Math.floor(next() * 6);
  const probabilities = Array.from({ length: 5 }, next);
  const truths = probabilities.flatMap((q, label) => (next() < q * q ? [label] : []));
  const real = next();
  const guess = 0.6 * real + 0.4 * next();
  const level = Math.floor(next() * 6);
  const answer = Math.max(0, Math.min(5, level + Math.floor(next() * 4) - 1));
  return { truth, prediction, probabilities, truths, real, guess, level, answer };
});
const all = Int32Array.from(rows.keys());
const column = <Key extends keyof (typeof rows)[number]>(key: Key) => rows.map((row) => row[key]);
const close = (got: number | undefined, expected: number): void =>
  assert.ok(Math.abs((got ?? Number.NaN) - expected) < 1e-12, `expected ${expected}, got ${got}`);

const gridAt = (thresholds: readonly number[]) =>
  layGrid(
    5,
    rows.map(({ probabilities, truths }) => ({ truths, decided: labelsAbove(probabilities, thresholds) })),
  );

describe("figures agree with scikit-learn", () => {
  test("classification", () => {
    const { accuracy, macroF1: macro } = measureClasses(column("truth"), column("prediction"), 7, all);
    close(accuracy, 0.635);
    close(macro, 0.6330947937081113);
    const confusion = countConfusion(column("truth"), column("prediction"), 7);
    assert.deepEqual(confusion[2], [2, 4, 21, 3, 1, 0, 0]);
    const figures = perClass(confusion);
    close(macroF1(figures), 0.6330947937081113);
    close(figures[3]?.precision, 0.5909090909090909);
    close(figures[3]?.recall, 0.6842105263157895);
    close(figures[3]?.f1, 0.6341463414634146);
    assert.equal(figures[3]?.support, 19);
  });

  test("multi-label at .5 and at thresholds of their own", () => {
    const half = measureLabels(gridAt([0.5, 0.5, 0.5, 0.5, 0.5]), all);
    close(half.macroF1, 0.6956532384013829);
    close(half.microF1, 0.6970059880239521);
    const grid = gridAt([0.2, 0.4, 0.6, 0.8, 0.9]);
    const own = measureLabels(grid, all);
    close(own.macroF1, 0.5880386225436169);
    close(own.microF1, 0.6016260162601627);
    close(perLabel(grid).reduce((sum, figure) => sum + figure.f1, 0) / 5, own.macroF1);
    close(rows.filter((row) => isAnyMatch(row.probabilities, row.truths)).length / 200, 0.69);
  });

  test("regression", () => {
    close(pearson(column("real"), column("guess"), all), 0.8397148358726892);
    close(meanAbsoluteError(column("real"), column("guess"), all), 0.1380494682393152);
    close(constantError(column("real")), 0.2566217556494804);
  });

  test("ordinal", () => {
    const { accuracy, withinOne, kappa } = measureOrdinal(column("level"), column("answer"), 6, all);
    close(accuracy, 0.36);
    close(withinOne, 0.845);
    close(kappa, 0.8041821726032252);
  });
});

describe("edges", () => {
  test("classes absent from truths and predictions do not count towards macro-F1", () => {
    const { macroF1: macro } = measureClasses([0, 0], [0, 0], 41, Int32Array.of(0, 1));
    assert.equal(macro, 1);
  });

  test("a constant correlates with nothing", () => {
    assert.equal(pearson([0.1, 0.2, 0.7], [0.4, 0.4, 0.4], Int32Array.of(0, 1, 2)), 0);
    assert.equal(pearson([0.1, 0.2, 0.7], [0.3, 0.4, 0.9], Int32Array.of(1, 1, 1)), 0);
  });

  test("kappa: perfect, all on one level, opposite", () => {
    assert.equal(measureOrdinal([0, 3, 5], [0, 3, 5], 6, Int32Array.of(0, 1, 2)).kappa, 1);
    assert.equal(measureOrdinal([2, 2], [2, 2], 6, Int32Array.of(0, 1)).kappa, 1);
    assert.equal(measureOrdinal([0, 5], [5, 0], 6, Int32Array.of(0, 1)).kappa, -1);
  });

  test("no label matches where none holds", () => assert.equal(isAnyMatch([0.9, 0.1], []), false));
});

describe("bootstrap", () => {
  const values = column("real");
  const mean = (indices: Int32Array) => ({
    mean: indices.reduce((sum, i) => sum + (values[i] as number), 0) / indices.length,
  });

  test("the interval of a mean is the one theory gives", () => {
    const { mean: figure } = bootstrap(200, mean, { seed: 1 });
    const spread = Math.sqrt(values.reduce((sum, x) => sum + (x - figure.value) ** 2, 0) / 200 / 200);
    assert.ok(Math.abs((figure.high - figure.low) / (2 * 1.96 * spread) - 1) < 0.1);
    assert.ok(figure.low < figure.value && figure.value < figure.high);
  });

  test("the same seed gives the same interval, another seed another", () => {
    assert.deepEqual(bootstrap(200, mean, { seed: 1 }), bootstrap(200, mean, { seed: 1 }));
    assert.notDeepEqual(bootstrap(200, mean, { seed: 1 }), bootstrap(200, mean, { seed: 2 }));
  });

  test("no rows are refused", () => {
    assert.throws(() => bootstrap(0, mean, { seed: 1 }), { code: "DATA_INVALID" });
  });

  test("quantiles interpolate as numpy's", () => {
    close(quantile([1, 2, 3, 4], 0.25), 1.75);
    close(quantile([5], 0.975), 5);
  });
});
