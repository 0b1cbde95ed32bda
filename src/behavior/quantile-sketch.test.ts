import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { Random } from "../base/random.js";
import { QuantileSketch, sketchStateSchema } from "./quantile-sketch.js";

const halfBin = 1 / 64;

function sketchOf(values: readonly number[]): QuantileSketch {
  const sketch = new QuantileSketch();
  for (const value of values) sketch.add(value);
  return sketch;
}

function medianOf(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (i: number): number => sorted[i] as number;
  return (at(Math.floor((sorted.length - 1) / 2)) + at(Math.floor(sorted.length / 2))) / 2;
}

// Not fc.double, of which most are next to 0.
const anyValue = fc.integer({ min: -20_000, max: 20_000 }).map((thousandths) => thousandths / 1000);
const anyValues = fc.array(anyValue, { minLength: 1, maxLength: 60 });

describe("QuantileSketch", () => {
  test("median and spread are those of the values, within what binning takes", () => {
    fc.assert(
      fc.property(anyValues, (values) => {
        const { count, median, spread } = sketchOf(values).summarize();
        assert.equal(count, values.length);
        const exact = medianOf(values);
        assert.ok(Math.abs(median - exact) <= halfBin + 1e-9, `${median} for ${exact}`);
        const deviation = 1.4826 * medianOf(values.map((value) => Math.abs(value - exact)));
        assert.ok(Math.abs(spread - deviation) <= 1.4826 * 2 * halfBin + 1e-9, `${spread} for ${deviation}`);
      }),
    );
  });

  test("of normal values the spread is their standard deviation, and a tenth of wild ones hardly moves it", () => {
    const random = Random.seeded(3);
    const values = Array.from({ length: 20_000 }, () => 2 + 0.5 * random.normal());
    const plain = sketchOf(values).summarize();
    assert.ok(
      Math.abs(plain.median - 2) < 0.03 && Math.abs(plain.spread - 0.5) < 0.03,
      JSON.stringify(plain),
    );
    const wild = sketchOf([...values, ...Array.from({ length: 2000 }, () => 30)]).summarize();
    assert.ok(Math.abs(wild.median - 2) < 0.1 && Math.abs(wild.spread - 0.5) < 0.1, JSON.stringify(wild));
  });

  test("the order of values does not matter, nor a stop in between", () => {
    fc.assert(
      fc.property(anyValues, fc.integer(), fc.nat(60), (values, seed, stop) => {
        const shuffled = Random.seeded(seed).shuffle([...values]);
        const first = sketchOf(shuffled.slice(0, stop));
        const saved: unknown = JSON.parse(JSON.stringify(first.state));
        const second = QuantileSketch.restore(sketchStateSchema.parse(saved));
        for (const value of shuffled.slice(stop)) second.add(value);
        assert.deepEqual(second.state, sketchOf(values).state);
        assert.deepEqual(second.summarize(), sketchOf(values).summarize());
      }),
    );
  });

  test("memory is bounded, whatever the values are", () => {
    const random = Random.seeded(1);
    const sketch = new QuantileSketch();
    for (let i = 0; i < 50_000; i++) sketch.add((random.float() - 0.5) * 10 ** random.below(300));
    assert.ok(sketch.state.bins.length <= 2049, `${sketch.state.bins.length} bins`);
    assert.equal(sketch.summarize().count, 50_000);
  });

  test("of nothing it says that it is nothing", () => {
    assert.deepEqual(new QuantileSketch().summarize(), { count: 0, median: 0, spread: 0 });
  });
});
