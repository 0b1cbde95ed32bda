import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import loadWabt from "wabt";
import { allocateMemory, bindKernels, kernelBinary } from "./kernels.js";

const memory = allocateMemory(1);
const kernels = bindKernels(memory);
const f = Math.fround;

/** Puts arrays side by side into the memory, each padded to 16 floats; gives address and view of each. */
function place(...arrays: ArrayLike<number>[]): { at: number; view: Float32Array }[] {
  new Uint8Array(memory.buffer).fill(0);
  let at = 0;
  return arrays.map((values) => {
    const placed = { at, view: new Float32Array(memory.buffer, at, values.length) };
    placed.view.set(values);
    at += Math.ceil(values.length / 16) * 64;
    return placed;
  });
}

const flush = (x: number, limit: number): number => (Math.abs(x) < f(limit) ? 0 : x);

interface Setting {
  lr: number;
  beta1: number;
  beta2: number;
  epsilon: number;
  decay: number;
  t: number;
  scale: number;
}

/** Plain AdamW in float32 arithmetic: what the kernel must equal bit for bit. */
function adamw(w: Float32Array, g: Float32Array, m: Float32Array, v: Float32Array, s: Setting): void {
  const [b1, c1, b2, c2] = [f(s.beta1), f(1 - s.beta1), f(s.beta2), f(1 - s.beta2)];
  const rate = f(s.lr / (1 - s.beta1 ** s.t));
  const root = f(1 / Math.sqrt(1 - s.beta2 ** s.t));
  for (let i = 0; i < w.length; i++) {
    const gradient = flush(f((g[i] as number) * f(s.scale)), 1e-17);
    m[i] = flush(f(f(b1 * (m[i] as number)) + f(c1 * gradient)), 1e-30);
    v[i] = flush(f(f(b2 * (v[i] as number)) + f(f(c2 * gradient) * gradient)), 1e-30);
    const denominator = f(f(f(Math.sqrt(v[i] as number)) * root) + f(s.epsilon));
    w[i] = f(f(f(1 - s.decay) * (w[i] as number)) - f(rate * f((m[i] as number) / denominator)));
  }
}

/** Ordinary, zero, huge and subnormal floats, all finite. */
const float = fc.oneof(
  fc.float({ noNaN: true, noDefaultInfinity: true, min: -10, max: 10 }),
  fc.constantFrom(0, -0, 1e-38, -1e-40, 1.4e-45, 1e-31, -1e-18, 1e18, -3e38, 1e-9),
);
const floats = fc.array(float, { maxLength: 70 });
const columns = (count: number) =>
  fc.array(fc.array(float, { minLength: count, maxLength: count }), { maxLength: 70 });

describe("kernels", () => {
  test("the committed binary is what kernels.wat compiles to", async () => {
    const wabt = await loadWabt();
    const source = fileURLToPath(new URL("../../../src/training/kernels.wat", import.meta.url));
    const module = wabt.parseWat(source, readFileSync(source, "utf8"), { simd: true, bulk_memory: true });
    const fresh = Buffer.from(module.toBinary({}).buffer).toString("base64");
    assert.equal(Buffer.from(kernelBinary()).toString("base64"), fresh, "run node scripts/build-kernels.mjs");
  });

  test("adamw equals the plain update bit for bit, whatever the numbers and the count", () => {
    const setting = fc.record({
      lr: fc.double({ min: 1e-6, max: 0.1, noNaN: true }),
      beta1: fc.constantFrom(0, 0.9),
      beta2: fc.constantFrom(0.98, 0.999),
      epsilon: fc.constantFrom(1e-8, 1e-6),
      decay: fc.constantFrom(0, 1e-5, 0.01),
      t: fc.integer({ min: 1, max: 10_000 }),
      scale: fc.constantFrom(1, 0.25, 1e-3),
    });
    fc.assert(
      fc.property(columns(4), setting, (rows, s) => {
        const column = (i: number) =>
          Float32Array.from(rows, (row) => (i === 3 ? Math.abs(row[i] as number) : (row[i] as number)));
        const expected = [column(0), column(1), column(2), column(3)] as const;
        const [w, g, m, v] = place(...expected) as [Placed, Placed, Placed, Placed];
        kernels.adamw(
          w.at,
          g.at,
          m.at,
          v.at,
          rows.length,
          s.lr,
          s.beta1,
          s.beta2,
          s.epsilon,
          s.decay,
          1 - s.beta1 ** s.t,
          1 - s.beta2 ** s.t,
          s.scale,
        );
        adamw(expected[0], expected[1], expected[2], expected[3], s);
        assert.deepEqual(
          [w.view, m.view, v.view].map(normalise),
          [expected[0], expected[2], expected[3]].map(normalise),
        );
        const used = v.at + Math.ceil(rows.length / 16) * 64;
        assert.ok(
          new Uint8Array(memory.buffer, used, 64).every((byte) => byte === 0),
          "wrote past its region",
        );
      }),
    );
  });

  test("adamw lets no subnormal moment live and no NaN hide", () => {
    const [w, g, m, v] = place([1, 1, 1], [1e-40, 0, Number.NaN], [1e-38, -1e-31, 0], [1e-39, 1e-31, 0]) as [
      Placed,
      Placed,
      Placed,
      Placed,
    ];
    kernels.adamw(w.at, g.at, m.at, v.at, 3, 0.1, 0.9, 0.999, 1e-8, 0, 0.1, 0.001, 1);
    assert.deepEqual([...m.view], [0, 0, Number.NaN]);
    assert.deepEqual([...v.view], [0, 0, Number.NaN]);
    assert.deepEqual([...w.view], [1, 1, Number.NaN]);
  });

  test("sum_squares sums in float64 in its fixed order and passes on NaN and infinity", () => {
    fc.assert(
      fc.property(floats, (values) => {
        const [x] = place(values) as [Placed];
        const sums = new Float64Array(8);
        for (let i = 0; i < values.length; i++)
          sums[i % 8] = (sums[i % 8] as number) + (x.view[i] as number) ** 2;
        const lane = (i: number) =>
          (sums[i] as number) + (sums[i + 2] as number) + ((sums[i + 4] as number) + (sums[i + 6] as number));
        assert.equal(kernels.sum_squares(x.at, values.length), lane(0) + lane(1));
      }),
    );
    for (const bad of [Number.NaN, Number.POSITIVE_INFINITY]) {
      const [x] = place([1, 2, 3, 4, bad]) as [Placed];
      assert.ok(!Number.isFinite(kernels.sum_squares(x.at, 5)));
    }
  });

  test("add, scale, ema and zero equal their plain forms", () => {
    fc.assert(
      fc.property(columns(2), fc.double({ min: 0, max: 1, noNaN: true }), (rows, factor) => {
        const a = Float32Array.from(rows, (row) => row[0] as number);
        const b = Float32Array.from(rows, (row) => row[1] as number);
        const run = (kernel: (x: Placed, y: Placed) => void) => {
          const [x, y] = place(a, b) as [Placed, Placed];
          kernel(x, y);
          return normalise(x.view);
        };
        const map = (one: (x: number, y: number) => number) =>
          normalise(a.map((x, i) => one(x, b[i] as number)));
        assert.deepEqual(
          run((x, y) => kernels.add(x.at, y.at, a.length)),
          map((x, y) => x + y),
        );
        assert.deepEqual(
          run((x) => kernels.scale(x.at, a.length, factor)),
          map((x) => x * f(factor)),
        );
        assert.deepEqual(
          run((x, y) => kernels.ema(x.at, y.at, a.length, factor)),
          map((x, y) => x + f(f(1 - factor) * f(y - x))),
        );
        assert.deepEqual(
          run((x) => kernels.zero(x.at, a.length)),
          map(() => 0),
        );
      }),
    );
  });

  test("an empty region is left alone", () => {
    const [x, y] = place([5], [7]) as [Placed, Placed];
    kernels.add(x.at, y.at, 0);
    kernels.zero(x.at, 0);
    kernels.scale(x.at, 0, 0);
    assert.equal(x.view[0], 5);
  });
});

type Placed = { at: number; view: Float32Array };

/** −0 and 0 are the same result. */
function normalise(values: Float32Array): number[] {
  return Array.from(values, (x) => (x === 0 ? 0 : x));
}
