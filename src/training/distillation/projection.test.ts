import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { Random } from "../../base/random.js";
import { normalizeVector, Projection } from "./projection.js";

const dot = (a: Float32Array, b: Float32Array): number =>
  a.reduce((sum, x, i) => sum + x * (b[i] as number), 0);

/** Vectors that lie in `rank` of `width` dimensions, but for `noise`. */
function drawVectors(
  count: number,
  width: number,
  rank: number,
  noise: number,
  seed: number,
): Float32Array[] {
  const random = Random.seeded(seed);
  const axes = Array.from({ length: rank }, () => Array.from({ length: width }, () => random.normal()));
  return Array.from({ length: count }, () => {
    const shares = axes.map(() => random.normal());
    return Float32Array.from({ length: width }, (_, i) =>
      axes.reduce(
        (sum, axis, k) => sum + (shares[k] as number) * (axis[i] as number),
        noise * random.normal(),
      ),
    );
  });
}

/** Root mean square of what dot products lose. */
function measureLoss(projection: Projection, vectors: readonly Float32Array[]): number {
  const less = vectors.map((vector) => projection.project(vector));
  let sum = 0;
  vectors.forEach((one, i) => {
    for (const [j, other] of vectors.entries())
      sum += (dot(one, other) - dot(less[i] as Float32Array, less[j] as Float32Array)) ** 2;
  });
  return Math.sqrt(sum) / vectors.length;
}

describe("a projection", () => {
  test("keeps dot products exactly where vectors lie in as few dimensions", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 6 }), fc.integer({ min: 0, max: 1e6 }), (rank, seed) => {
        const vectors = drawVectors(40, 24, rank, 0, seed);
        const loss = measureLoss(Projection.fit(vectors, rank), vectors);
        assert.ok(loss < 1e-4, `rank ${rank}: ${loss}`);
      }),
      { numRuns: 25 },
    );
  });

  test("loses least of all that have its size: no more than what noise holds, and less with more numbers", () => {
    const vectors = drawVectors(200, 24, 4, 0.1, 3).map(normalizeVector);
    const others = drawVectors(200, 24, 24, 0, 4);
    const [two, four, eight] = [2, 4, 8].map((size) => measureLoss(Projection.fit(vectors, size), vectors));
    assert.ok((four as number) < 0.01, `${four}`);
    assert.ok((eight as number) < (four as number) && (four as number) < (two as number) / 10);
    assert.ok((four as number) < measureLoss(Projection.fit(others, 4), vectors) / 10);
  });

  test("has no more numbers than the vectors, and keeps everything then", () => {
    const vectors = drawVectors(30, 6, 6, 0, 5);
    const projection = Projection.fit(vectors, 32);
    assert.equal(projection.size, 6);
    assert.ok(measureLoss(projection, vectors) < 1e-4);
  });

  test("of vectors of zeros gives zeros, as does their normalisation", () => {
    const zeros = [new Float32Array(4), new Float32Array(4)];
    assert.deepEqual(Projection.fit(zeros, 2).project(zeros[0] as Float32Array), new Float32Array(2));
    assert.deepEqual(normalizeVector(new Float32Array(4)), new Float32Array(4));
    assert.ok(Math.abs(Math.hypot(...normalizeVector(Float32Array.of(3, -4, 12))) - 1) < 1e-6);
  });
});
