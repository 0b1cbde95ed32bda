import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { Random } from "../base/random.js";
import {
  type QuantizationOptions,
  type QuantizedMatrix,
  quantizeColumns,
  quantizeRows,
} from "./quantization.js";

const weight = fc.float({ min: -4, max: 4, noNaN: true }).map((x) => (Math.abs(x) < 1e-6 ? 0 : x));
const matrix = fc
  .tuple(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 9 }))
  .chain(([rows, columns]) =>
    fc
      .array(weight, { minLength: rows * columns, maxLength: rows * columns })
      .map((data) => ({ rows, columns, data: Float32Array.from(data) })),
  );

function squaredError(data: Float32Array, { values, scales }: QuantizedMatrix, columns: number): number {
  return data.reduce((sum, w, i) => sum + (w - (values[i] ?? 0) * (scales[i % columns] ?? 0)) ** 2, 0);
}

describe("quantization", () => {
  test("columns: scale is the largest over 127, an all-zero column has scale 1", () => {
    const { values, scales, error } = quantizeColumns(Float32Array.of(1.27, 0, -4, 0.5, 0, 2), 2, 3);
    assert.deepEqual(values, Int8Array.of(127, 0, -127, 50, 0, 64)); // 2 / (4 / 127) = 63.5, half to even
    assert.deepEqual(scales, Float32Array.of(1.27 / 127, 1, 4 / 127));
    assert.ok(error.max > 0 && error.max <= 4 / 127 / 2);
  });

  test("rows: the same, by row", () => {
    const { values, scales } = quantizeRows(Float32Array.of(127, -1, 0.5, 0, 0, 0), 2, 3);
    assert.deepEqual(values, Int8Array.of(127, -1, 0, 0, 0, 0)); // 0.5 rounds to the even 0
    assert.deepEqual(scales, Float32Array.of(1, 1));
  });

  test("halves go to the even neighbour, on both sides of zero", () => {
    const halves = Float32Array.of(127, 0.5, 1.5, 2.5, -0.5, -1.5, -2.5);
    assert.deepEqual([...quantizeRows(halves, 1, 7).values], [127, 0, 2, 2, 0, -2, -2]);
  });

  test("no weight moves by more than half a step, and the errors told are the errors made", () => {
    fc.assert(
      fc.property(matrix, fc.constantFrom<127 | 63>(127, 63), ({ data, rows, columns }, limit) => {
        const quantized = quantizeColumns(data, rows, columns, { limit });
        const { values, scales, error } = quantized;
        let max = 0;
        for (const [i, w] of data.entries()) {
          const scale = scales[i % columns] ?? 0;
          const difference = Math.abs(w - (values[i] ?? 0) * scale);
          assert.ok(difference <= (scale / 2) * 1.0001, `${w} became ${(values[i] ?? 0) * scale}`);
          assert.ok(Math.abs(values[i] ?? 0) <= limit);
          max = Math.max(max, difference);
        }
        const norm = Math.sqrt(data.reduce((sum, w) => sum + w * w, 0));
        assert.equal(error.max, max);
        const relative = norm === 0 ? 0 : Math.sqrt(squaredError(data, quantized, columns)) / norm;
        assert.ok(Math.abs(error.relative - relative) < 1e-9);
      }),
    );
  });

  test("rows of a matrix are the columns of its transpose", () => {
    fc.assert(
      fc.property(matrix, fc.boolean(), ({ data, rows, columns }, clip) => {
        const options: QuantizationOptions = { clipping: clip ? "squared-error" : "none" };
        const turned = data.map((_, i) => data[(i % rows) * columns + Math.floor(i / rows)] ?? 0);
        const byColumn = quantizeColumns(data, rows, columns, options);
        const byRow = quantizeRows(turned, columns, rows, options);
        assert.deepEqual(byRow.scales, byColumn.scales);
        assert.deepEqual(
          byRow.values.map((_, i) => byRow.values[(i % columns) * rows + Math.floor(i / columns)] ?? 0),
          byColumn.values,
        );
      }),
    );
  });

  test("clipping never loses more in squared error, and less where there is an outlier", () => {
    fc.assert(
      fc.property(matrix, ({ data, rows, columns }) => {
        const plain = quantizeColumns(data, rows, columns);
        const clipped = quantizeColumns(data, rows, columns, { clipping: "squared-error" });
        assert.ok(clipped.error.relative <= plain.error.relative + 1e-12);
      }),
    );
    const random = Random.seeded(3);
    const long = Float32Array.from({ length: 20_000 }, () => random.normal());
    long[0] = 6;
    const plain = quantizeColumns(long, 20_000, 1);
    const clipped = quantizeColumns(long, 20_000, 1, { clipping: "squared-error" });
    assert.ok(clipped.error.relative < plain.error.relative * 0.98);
    assert.equal(clipped.values[0], 127);
  });

  test("a column too small for an fp32 scale counts as zero", () => {
    const { values, scales, error } = quantizeColumns(Float32Array.of(1e-40, -1e-44), 2, 1);
    assert.deepEqual([values, scales], [Int8Array.of(0, 0), Float32Array.of(1)]);
    assert.equal(error.relative, 1);
  });

  test("refuses NaN, infinity and a wrong shape", () => {
    const diverged = { code: "TRAINING_DIVERGED", message: /group 1 at 0/ };
    assert.throws(() => quantizeColumns(Float32Array.of(1, Number.NaN), 1, 2), diverged);
    assert.throws(() => quantizeRows(Float32Array.of(1, Number.NEGATIVE_INFINITY), 2, 1), diverged);
    assert.throws(() => quantizeRows(Float32Array.of(1, 2, 3), 2, 2), {
      code: "MODEL_SHAPE",
      message: /got 3/,
    });
  });
});
