import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { AppError } from "../base/errors.js";
import { Random } from "../base/random.js";
import { ParameterMemory, type ParameterSpec } from "./memory.js";
import { AdamW, layerLearningRateScales } from "./optimizer.js";

const specs: ParameterSpec[] = [
  { name: "body", shape: [3, 7], group: "encoder", decay: true },
  { name: "bias", shape: [5], group: "encoder", decay: false },
  { name: "head", shape: [4], group: "heads", decay: true },
  { name: "fixed", shape: [2], group: "encoder", decay: true, frozen: true },
];
const rates = { encoderLearningRate: 0.01, headLearningRate: 0.1 };
const trainable = ["body", "bias", "head"];

function filled(seed = 1): ParameterMemory {
  const memory = new ParameterMemory(specs, { ema: true, accumulate: true });
  const random = Random.seeded(seed);
  for (const { name } of specs) draw(memory.weights(name), random);
  return memory;
}

function setGradients(memory: ParameterMemory, seed: number): void {
  const random = Random.seeded(seed);
  for (const name of trainable) draw(memory.gradient(name), random);
}

function draw(values: Float32Array, random: Random): void {
  for (let i = 0; i < values.length; i++) values[i] = random.normal();
}

const near = (a: number, b: number, tolerance = 1e-6) =>
  assert.ok(Math.abs(a - b) <= tolerance * Math.max(1, Math.abs(b)), `${a} is not near ${b}`);

function allNear(a: ArrayLike<number>, b: ArrayLike<number>): void {
  assert.equal(a.length, b.length);
  for (let i = 0; i < a.length; i++) near(a[i] as number, b[i] as number);
}

describe("AdamW", () => {
  test("five steps equal the textbook in float64, with decay and a rate of its own for the heads", () => {
    const memory = filled();
    const adam = new AdamW(memory, { weightDecay: 0.1, clip: 2 });
    const plain = new Map(
      trainable.map((name) => [name, { w: [...memory.weights(name)], m: [] as number[], v: [] as number[] }]),
    );
    for (let t = 1; t <= 5; t++) {
      setGradients(memory, t);
      const norm = Math.sqrt(
        trainable.flatMap((name) => [...memory.gradient(name)]).reduce((sum, g) => sum + g * g, 0),
      );
      for (const [name, p] of plain) {
        const rate = name === "head" ? 0.1 : 0.01;
        memory.gradient(name).forEach((raw, i) => {
          const g = raw * Math.min(1, 2 / norm);
          const m = 0.9 * (p.m[i] ?? 0) + 0.1 * g;
          const v = 0.999 * (p.v[i] ?? 0) + 0.001 * g * g;
          const decay = name === "bias" ? 0 : 0.1;
          p.m[i] = m;
          p.v[i] = v;
          p.w[i] =
            (p.w[i] as number) * (1 - rate * decay) -
            (rate * m) / (1 - 0.9 ** t) / (Math.sqrt(v / (1 - 0.999 ** t)) + 1e-8);
        });
      }
      const report = adam.step(rates);
      near(report.gradientNorm, norm);
      assert.equal(report.clipped, norm > 2);
    }
    for (const [name, p] of plain) allNear(memory.weights(name), p.w);
    assert.equal(adam.state.step, 5);
  });

  test("frozen weights stay to the bit", () => {
    const memory = filled();
    const before = [...memory.weights("fixed")];
    setGradients(memory, 3);
    new AdamW(memory).step(rates);
    assert.deepEqual([...memory.weights("fixed")], before);
  });

  test("two accumulated gradients give the step of their mean", () => {
    const [one, two] = [filled(), filled()];
    const adamOne = new AdamW(one);
    setGradients(one, 1);
    adamOne.accumulate();
    setGradients(one, 2);
    adamOne.accumulate();
    assert.equal(adamOne.accumulated, 2);
    adamOne.step(rates);

    setGradients(two, 1);
    const first = trainable.map((name) => Float32Array.from(two.gradient(name)));
    setGradients(two, 2);
    trainable.forEach((name, k) => {
      two.gradient(name).set(two.gradient(name).map((g, i) => (g + (first[k]?.[i] as number)) / 2));
    });
    new AdamW(two).step(rates);
    for (const name of trainable) allNear(one.weights(name), two.weights(name));

    // The next step starts a sum of its own.
    setGradients(one, 5);
    adamOne.accumulate();
    assert.deepEqual([...one.all("accumulated")], [...one.all("gradients")]);
  });

  test("a gradient that is not finite changes nothing and says so", () => {
    const memory = filled();
    const adam = new AdamW(memory);
    setGradients(memory, 1);
    adam.step(rates);
    const before = [...memory.all("weights"), ...memory.all("moment1"), ...memory.all("moment2")];
    for (const bad of [Number.NaN, Number.NEGATIVE_INFINITY]) {
      memory.gradient("head")[2] = bad;
      assert.throws(
        () => adam.step(rates),
        (error) => error instanceof AppError && error.code === "TRAINING_DIVERGED",
      );
    }
    assert.deepEqual([...memory.all("weights"), ...memory.all("moment1"), ...memory.all("moment2")], before);
    assert.equal(adam.state.step, 1);
    memory.gradient("head")[2] = 0;
    adam.step(rates);
    assert.equal(adam.state.step, 2);
  });

  test("the moving average starts at the weights and follows them", () => {
    const memory = filled();
    const adam = new AdamW(memory, { emaDecay: 0.999 });
    const start = memory.weights("head")[0] as number;
    setGradients(memory, 1);
    adam.step(rates);
    const after = memory.weights("head")[0] as number;
    near(memory.average("head")[0] as number, start + (1 - 2 / 11) * (after - start));
  });

  test("going on from a saved state gives the same weights bit by bit", () => {
    const [whole, parted] = [filled(), filled()];
    const adam = new AdamW(whole, { emaDecay: 0.99 });
    const before = new AdamW(parted, { emaDecay: 0.99 });
    for (let t = 0; t < 3; t++) {
      for (const [memory, optimizer] of [
        [whole, adam],
        [parted, before],
      ] as const) {
        setGradients(memory, t);
        optimizer.step(rates);
      }
    }
    const after = new AdamW(parted, { emaDecay: 0.99 });
    after.state = before.state;
    for (const [memory, optimizer] of [
      [whole, adam],
      [parted, after],
    ] as const) {
      setGradients(memory, 9);
      optimizer.step(rates);
    }
    assert.deepEqual([...whole.all("weights")], [...parted.all("weights")]);
    assert.deepEqual([...whole.all("average")], [...parted.all("average")]);
  });

  test("it minimises a quadratic", () => {
    const memory = filled();
    const adam = new AdamW(memory, { weightDecay: 0 });
    for (let t = 0; t < 400; t++) {
      for (const name of trainable) memory.gradient(name).set(memory.weights(name).map((w) => w - 3));
      adam.step({ encoderLearningRate: 0.05, headLearningRate: 0.05 });
    }
    for (const name of trainable) for (const w of memory.weights(name)) near(w, 3, 1e-2);
  });

  test("an average of a memory without one is refused", () => {
    const memory = new ParameterMemory(specs, { ema: false, accumulate: false });
    assert.throws(() => new AdamW(memory, { emaDecay: 0.9 }), AppError);
  });

  test("layers further down learn more slowly", () => {
    assert.deepEqual(layerLearningRateScales(3, 0.5), [0.125, 0.25, 0.5, 1]);
    assert.deepEqual(layerLearningRateScales(2, 1), [1, 1, 1]);
  });
});
