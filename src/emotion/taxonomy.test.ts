import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { goEmotionLabels } from "./goemotions.js";
import { readinessState } from "./readiness.js";
import { supportActions, supportLabels } from "./support.js";
import { emotionIds, emotionIndex, isEmotionId, taxonomy } from "./taxonomy.js";

/** The built file lies in `dist/src/emotion`. */
const readTaxonomy = (name: string): string =>
  readFileSync(new URL(`../../../taxonomy/${name}`, import.meta.url), "utf8");

test("the table in code is the published taxonomy, in its order", () => {
  const published = JSON.parse(readTaxonomy("emotions.json"));
  assert.deepEqual(taxonomy, published.emotions);
  assert.equal(taxonomy.length, 41);
});

test("ids and indices lead to each other, and nothing else is an id", () => {
  assert.equal(new Set(emotionIds).size, 41);
  for (const [index, id] of emotionIds.entries()) {
    assert.equal(emotionIndex(id), index);
    assert.ok(isEmotionId(id));
  }
  for (const other of ["", "Joy", "constructor", "toString"]) {
    assert.equal(emotionIndex(other), undefined);
    assert.ok(!isEmotionId(other));
  }
});

test("readiness states begin where the guide says", () => {
  const guide = readTaxonomy("annotation-guide.md");
  const limits = [...guide.matchAll(/`(\w+_readiness)` ≥ ([\d.]+)/g)];
  assert.equal(limits.length, 4);
  for (const [, state, from] of limits) {
    assert.equal(readinessState(Number(from)), state);
    assert.notEqual(readinessState(Number(from) - 1e-9), state);
  }
  assert.deepEqual([readinessState(0), readinessState(1)], ["not_ready", "optimal_readiness"]);
});

test("six levels of support, each with what is done; 28 GoEmotions labels, each once", () => {
  assert.equal(supportLabels.length, 6);
  assert.deepEqual(Object.keys(supportActions), [...supportLabels]);
  assert.equal(new Set(goEmotionLabels).size, 28);
});
