import assert from "node:assert/strict";
import { test } from "node:test";
import { copyFrozen } from "./frozen-copy.js";

test("a copy is frozen all the way down and shares nothing with what it was made from", () => {
  const source = { at: 1, inner: { list: [1, 2] }, vector: Float32Array.of(1, 2) };
  const copy = copyFrozen(source);
  assert.deepEqual(copy, source);
  assert.throws(() => copy.inner.list.push(3), TypeError);
  assert.throws(() => Object.assign(copy.inner, { more: 1 }), TypeError);
  source.inner.list[0] = 9;
  source.vector[0] = 9;
  assert.deepEqual(copy, { at: 1, inner: { list: [1, 2] }, vector: Float32Array.of(1, 2) });
});

test("equal content looks equal: no key without a value, no negative zero", () => {
  const copy = copyFrozen({ a: undefined, b: -0, c: [-0], d: null });
  assert.deepEqual(Object.keys(copy), ["b", "c", "d"]);
  assert.ok(Object.is(copy.b, 0));
  assert.ok(Object.is(copy.c[0], 0));
});
