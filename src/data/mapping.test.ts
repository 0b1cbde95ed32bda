import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { goEmotionLabels } from "../emotion/goemotions.js";
import { emotionIndex } from "../emotion/taxonomy.js";
import { loadMapping, mapGoEmotions } from "./mapping.js";

const label = (name: (typeof goEmotionLabels)[number]): number => goEmotionLabels.indexOf(name);

describe("GoEmotions mapping", () => {
  test("clean lines are some of all lines, and off has none", async () => {
    const [off, clean, all] = [
      await loadMapping("off"),
      await loadMapping("clean"),
      await loadMapping("all"),
    ];
    assert.equal(off.size, 0);
    assert.ok(clean.size > 10 && clean.size < all.size && all.size < goEmotionLabels.length);
    for (const [from, to] of clean) assert.equal(all.get(from), to);
    assert.equal(all.get(label("annoyance")), emotionIndex("frustration"));
    assert.equal(clean.has(label("annoyance")), false);
    assert.equal(clean.get(label("remorse")), emotionIndex("guilt"));
  });

  test("a row is mapped where every label is, and says nothing of other classes", async () => {
    const clean = await loadMapping("clean");
    const partial = mapGoEmotions([label("anger"), label("fear")], clean);
    assert.deepEqual(partial?.holds, [emotionIndex("anger"), emotionIndex("fear")]);
    assert.ok(partial?.holds.every((index) => partial.among.includes(index)));
    assert.ok(!partial?.among.includes(emotionIndex("boredom") ?? -1));
    assert.equal(mapGoEmotions([label("anger"), label("approval")], clean), undefined);
    assert.equal(mapGoEmotions([label("anger")], await loadMapping("off")), undefined);
    assert.equal(mapGoEmotions([], clean), undefined);
  });
});
