import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { Random } from "../../base/random.js";
import { encodeModel, Graph } from "../../graph/index.js";
import { Session } from "../../runtime/session.js";
import { lookUpFourBits, packNibbles, storeFourBits, unpackNibbles } from "./four-bit-table.js";
import { type QuantizedBlocks, quantizeBlocks } from "./quantization.js";

/** Rows of a table as the graph gives them for `indices` of shape `dims`. */
async function lookUp(
  blocks: QuantizedBlocks,
  columns: number,
  dims: readonly number[],
  indices: readonly number[],
): Promise<{ readonly dims: readonly number[]; readonly data: readonly number[] }> {
  const graph = new Graph();
  const at = graph.input(
    "at",
    "int64",
    dims.map((_, axis) => `size_${axis}`),
  );
  graph.output("rows", lookUpFourBits(storeFourBits(graph, blocks, columns, "table"), at));
  const session = await Session.open(encodeModel(graph), { threads: 1 });
  try {
    const { rows } = await session.run({
      at: { type: "int64", dims, data: BigInt64Array.from(indices, BigInt) },
    });
    assert.ok(rows);
    return { dims: rows.dims, data: Array.from(rows.data, Number) };
  } finally {
    await session.close();
  }
}

/** A row as its parts say, in the order of its columns. */
function expectRow({ values, scales, units }: QuantizedBlocks, columns: number, row: number): number[] {
  const [padded, blocks] = [values.length / units.length, scales.length / units.length];
  return Array.from({ length: columns }, (_, column) => {
    const block = Math.floor(column / (padded / blocks));
    const scale = Math.fround((scales[row * blocks + block] as number) * (units[row] as number));
    return Math.fround((values[row * padded + column] as number) * scale);
  });
}

describe("a table in 4 bits", () => {
  test("two numbers share a byte, the first half of a row low, the second high", () => {
    const values = Int8Array.of(-8, -7, 0, 7, 1, 2, -1, 3); // two rows of four
    assert.deepEqual(packNibbles(values, 4), Uint8Array.of(0x80, 0xf1, 0x79, 0xba));
    assert.deepEqual(unpackNibbles(packNibbles(values, 4), 4), values);
  });

  test("the graph gives back every row of any table, to the bit", async () => {
    const shape = fc.record({
      rows: fc.integer({ min: 1, max: 6 }),
      columns: fc.integer({ min: 1, max: 70 }),
      size: fc.constantFrom(2, 16, 32),
      seed: fc.nat(),
    });
    await fc.assert(
      fc.asyncProperty(shape, async ({ rows, columns, size, seed }) => {
        const random = Random.seeded(seed);
        const table = Float32Array.from({ length: rows * columns }, () => random.normal());
        const blocks = quantizeBlocks(table, rows, columns, size);
        const all = Array.from({ length: rows }, (_, row) => row);
        const { dims, data } = await lookUp(blocks, columns, [rows], all);
        assert.deepEqual(dims, [rows, columns]);
        assert.deepEqual(
          data.map((x) => x + 0), // −0 is 0
          all.flatMap((row) => expectRow(blocks, columns, row)).map((x) => x + 0),
        );
      }),
      { numRuns: 15 },
    );
  });

  test("indices of a batch keep their shape", async () => {
    const random = Random.seeded(2);
    const table = Float32Array.from({ length: 5 * 64 }, () => random.normal());
    const blocks = quantizeBlocks(table, 5, 64, 32);
    const at = [4, 0, 0, 3, 1, 4];
    const { dims, data } = await lookUp(blocks, 64, [2, 3], at);
    assert.deepEqual(dims, [2, 3, 64]);
    assert.deepEqual(
      data.map((x) => x + 0),
      at.flatMap((row) => expectRow(blocks, 64, row)).map((x) => x + 0),
    );
  });
});
