import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { integers } from "../../test/evaluate-graph.js";
import { encodeModel, Graph } from "../graph/index.js";
import { Session, type Tensor } from "../runtime/session.js";
import type { EncoderConfig } from "./encoder-config.js";
import { relativePositionBias, relativePositionBucket } from "./relative-position.js";

/**
 * Distances at which each bucket of one side starts, by number of buckets.
 * @source computed with transformers 5.24.0, `MPNetEncoder.relative_position_bucket`, distances -600 to 600
 */
const starts: Readonly<Record<number, readonly number[]>> = {
  8: [0, 1, 2, 16],
  32: [0, 1, 2, 3, 4, 5, 6, 7, 8, 12, 16, 23, 32, 46, 64, 91],
  64: [
    0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 19, 21, 24, 27, 31, 35, 40, 46, 52, 59, 67, 77,
    87, 99, 113,
  ],
};

/** Bucket by the recorded starts: the keys after the query have the upper half. */
function recordedBucket(distance: number, buckets: number): number {
  const side = (starts[buckets] as readonly number[]).findLastIndex((start) => start <= Math.abs(distance));
  return distance > 0 ? buckets / 2 + side : side;
}

describe("relative position buckets", () => {
  for (const buckets of Object.keys(starts).map(Number)) {
    test(`are those of the reference implementation, ${buckets} of them, to 600 places either way`, () => {
      for (let distance = -600; distance <= 600; distance++) {
        const expected = recordedBucket(distance, buckets);
        assert.equal(relativePositionBucket(distance, buckets), expected, `distance ${distance}`);
      }
    });
  }
});

test("the bias of each pair is its bucket's row of the table, one value a head", async () => {
  const [tokens, heads, buckets] = [7, 2, 8];
  const config = { maxPositions: 10, relativeAttentionBuckets: buckets } as EncoderConfig;
  const graph = new Graph();
  const table = graph.input("table", "float32", [buckets, heads]);
  const count = graph.input("count", "int64", []);
  graph.output("bias", relativePositionBias(config, table, count, "tokens"));
  const session = await Session.open(encodeModel(graph), { threads: 1 });
  const data = Float32Array.from({ length: buckets * heads }, (_, i) => i);
  const { bias } = await session.run({
    table: { type: "float32", dims: [buckets, heads], data },
    count: integers([], [tokens]),
  });
  await session.close();
  assert.deepEqual(bias?.dims, [heads, tokens, tokens]);
  for (let head = 0; head < heads; head++) {
    for (let query = 0; query < tokens; query++) {
      for (let key = 0; key < tokens; key++) {
        const got: number | bigint | undefined = (bias as Tensor).data[
          (head * tokens + query) * tokens + key
        ];
        assert.equal(
          got,
          data[recordedBucket(key - query, buckets) * heads + head],
          `${head}, ${query}, ${key}`,
        );
      }
    }
  }
});
