import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { Random } from "../../base/random.js";
import {
  type QuantizationOptions,
  type QuantizedMatrix,
  quantizeBlocks,
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

describe("blocks in 4 bits", () => {
  test("each block has its scale in steps of its row's largest, signed so that its largest weight is −8", () => {
    const table = Float32Array.of(8, -3, -0.72, 0.1, 0, 0, 0, 0, 0, 0); // two rows of 5, blocks of 2
    const { values, scales, units } = quantizeBlocks(table, 2, 5, 2);
    assert.deepEqual(units, Float32Array.of(1 / 127, 1));
    assert.deepEqual(values, Int8Array.of(-8, 3, -8, 1, 0, 0, 0, 0, 0, 0, 0, 0)); // the last block is filled up
    assert.deepEqual(scales.subarray(0, 2), Int8Array.of(-127, 11)); // 0.72 / 8 is 11.4 steps
  });

  test("no weight moves by more than half a step unless clipped, and the errors told are the errors made", () => {
    fc.assert(
      fc.property(matrix, fc.constantFrom(2, 4, 6), ({ data, rows, columns }, size) => {
        const { values, scales, units, error } = quantizeBlocks(data, rows, columns, size);
        const blocks = Math.ceil(columns / size);
        let [max, lost, total] = [0, 0, 0];
        for (const [i, w] of data.entries()) {
          const [row, column] = [Math.floor(i / columns), i % columns];
          const value = values[row * blocks * size + column] as number;
          const scale = Math.fround(
            (scales[row * blocks + Math.floor(column / size)] as number) * (units[row] as number),
          );
          const difference = Math.abs(w - value * scale);
          const clipped = value === -8 ? w / scale < -8 : value === 7 && w / scale > 7;
          assert.ok(clipped || difference <= Math.abs(scale / 2) * 1.0001, `${w} became ${value * scale}`);
          assert.ok(value >= -8 && value <= 7);
          max = Math.max(max, difference);
          lost += difference ** 2;
          total += w ** 2;
        }
        assert.equal(error.max, max);
        assert.ok(Math.abs(error.relative - (total === 0 ? 0 : Math.sqrt(lost / total))) < 1e-9);
      }),
    );
  });

  test("smaller blocks lose less, and clipping less than scales by the largest", () => {
    const random = Random.seeded(4);
    const table = Float32Array.from({ length: 100 * 256 }, () => random.normal());
    const [narrow, wide] = [32, 128].map((size) => quantizeBlocks(table, 100, 256, size).error.relative) as [
      number,
      number,
    ];
    assert.ok(narrow < 0.95 * wide, `${narrow} and ${wide}`);
    let [lost, total] = [0, 0];
    for (let at = 0; at < table.length; at += 128) {
      const block = table.subarray(at, at + 128);
      const scale = Math.max(...block.map(Math.abs)) / 8;
      for (const w of block) {
        lost += (w - Math.round(w / scale) * scale) ** 2; // even with +8, which 4 bits lack
        total += w ** 2;
      }
    }
    const plain = Math.sqrt(lost / total);
    assert.ok(wide < 0.97 * plain, `${wide} and ${plain}`);
  });

  test("refuses NaN and a wrong shape", () => {
    assert.throws(() => quantizeBlocks(Float32Array.of(1, Number.NaN), 2, 1, 2), {
      code: "TRAINING_DIVERGED",
      message: /group 1 at 0/,
    });
    assert.throws(() => quantizeBlocks(new Float32Array(3), 2, 2, 2), {
      code: "MODEL_SHAPE",
      message: /got 3/,
    });
  });
});
