import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { Batcher, cutBatches, type WindowOutput } from "./batcher.js";

const empty = new Float32Array();
/** Outputs that tell which window they belong to. */
const mark = (ids: Int32Array): WindowOutput => ({
  emotion: Float32Array.of(ids[0] as number, ids.length),
  goemotions: empty,
  pad: empty,
  emobank: empty,
  readiness: empty,
  support: empty,
  pooled: empty,
});
const window = (id: number, length: number): Int32Array => new Int32Array(length).fill(id);
const limits = { maxBatch: 4, maxBatchTokens: 64 };

describe("cutBatches", () => {
  test("loses nothing, keeps within the limits and puts like lengths together", () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 100 }), { maxLength: 60 }),
        fc.integer({ min: 1, max: 9 }),
        fc.integer({ min: 1, max: 200 }),
        (lengths, maxBatch, maxBatchTokens) => {
          const batches = cutBatches(lengths, (n) => n, { maxBatch, maxBatchTokens });
          assert.deepEqual(
            batches.flat(),
            [...lengths].sort((a, b) => b - a),
          );
          for (const batch of batches) {
            assert.ok(batch.length >= 1 && batch.length <= maxBatch);
            assert.ok(batch.length === 1 || batch.length * Math.max(...batch) <= maxBatchTokens);
          }
        },
      ),
    );
  });
});

describe("Batcher", () => {
  test("callers of the same turn share a batch and each gets its own answers in order", async () => {
    const sizes: number[] = [];
    const batcher = new Batcher(async (windows) => {
      sizes.push(windows.length);
      return windows.map(mark);
    }, limits);
    const [first, second, none] = await Promise.all([
      batcher.submit([window(1, 3), window(2, 5)]),
      batcher.submit([window(3, 4)]),
      batcher.submit([]),
    ]);
    assert.deepEqual(sizes, [3]);
    assert.deepEqual(
      [...first, ...second].map(({ emotion }) => [...emotion]),
      [
        [1, 3],
        [2, 5],
        [3, 4],
      ],
    );
    assert.deepEqual(none, []);
  });

  test("what arrives while a batch runs waits for the next one", async () => {
    const seen: number[][] = [];
    let late: Promise<unknown> | undefined;
    const batcher = new Batcher(async (windows) => {
      seen.push(windows.map((ids) => ids[0] as number));
      late ??= batcher.submit([window(9, 1)]);
      await new Promise((done) => setTimeout(done, 1));
      return windows.map(mark);
    }, limits);
    await batcher.submit([window(1, 1)]);
    await late;
    assert.deepEqual(seen, [[1], [9]]);
  });

  test("a window the model fails on fails its caller alone", async () => {
    const batcher = new Batcher(async (windows) => {
      if (windows.some((ids) => ids[0] === 13)) throw new Error("no luck");
      return windows.map(mark);
    }, limits);
    const answers = await Promise.allSettled([1, 2, 13, 4].map((id) => batcher.submit([window(id, 2)])));
    assert.deepEqual(
      answers.map((answer) => answer.status),
      ["fulfilled", "fulfilled", "rejected", "fulfilled"],
    );
    assert.match(String((answers[2] as PromiseRejectedResult).reason), /no luck/);
    const [again] = await batcher.submit([window(5, 1)]);
    assert.equal(again?.emotion[0], 5);
  });
});
