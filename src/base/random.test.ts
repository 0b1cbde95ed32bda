import assert from "node:assert/strict";
import { test } from "node:test";
import { Random } from "./random.js";

const draw = (random: Random, count: number): number[] =>
  Array.from({ length: count }, () => random.uint32());

test("the same seed and stream give the same draws; another seed or stream others", () => {
  assert.deepEqual(draw(Random.seeded(7, "a"), 5), draw(Random.seeded(7, "a"), 5));
  assert.notDeepEqual(draw(Random.seeded(7, "a"), 5), draw(Random.seeded(8, "a"), 5));
  assert.notDeepEqual(draw(Random.seeded(7, "a"), 5), draw(Random.seeded(7, "b"), 5));
});

test("equals xoshiro128** as published, from the state 1, 2, 3, 4", () => {
  // First outputs of the reference C code: rotl(s[1] * 5, 7) * 9 for s = {1, 2, 3, 4}.
  assert.deepEqual(draw(Random.restore([1, 2, 3, 4]), 3), [11520, 0, 5927040]);
});

test("a restored state goes on where it was saved", () => {
  const random = Random.seeded(3);
  draw(random, 11);
  const copy = Random.restore(random.state);
  assert.deepEqual(draw(copy, 20), draw(random, 20));
});

test("floats are uniform in [0, 1), normals have mean 0 and deviation 1", () => {
  const random = Random.seeded(1);
  const count = 40_000;
  const floats = Array.from({ length: count }, () => random.float());
  assert.ok(floats.every((x) => x >= 0 && x < 1));
  const mean = (xs: readonly number[]): number => xs.reduce((sum, x) => sum + x, 0) / xs.length;
  assert.ok(Math.abs(mean(floats) - 0.5) < 0.01);
  const normals = Array.from({ length: count }, () => random.normal());
  assert.ok(Math.abs(mean(normals)) < 0.02);
  assert.ok(Math.abs(mean(normals.map((x) => x * x)) - 1) < 0.03);
});

test("a shuffle is a permutation, and every place is as likely", () => {
  const random = Random.seeded(5);
  const counts = [0, 0, 0, 0];
  for (let i = 0; i < 8000; i++) {
    const items = random.shuffle([0, 1, 2, 3]);
    assert.deepEqual([...items].sort(), [0, 1, 2, 3]);
    const at = items.indexOf(0);
    counts[at] = (counts[at] as number) + 1;
  }
  for (const count of counts) assert.ok(Math.abs(count / 8000 - 0.25) < 0.02);
});
