import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Example } from "../data/example.js";
import { emotionIds, emotionIndex } from "../emotion/taxonomy.js";
import type { Inspection } from "../engine/composition.js";
import type { Judgement } from "./judgement.js";
import { measurePeople } from "./people.js";
import { isSkipped } from "./result.js";

const indexOf = (id: (typeof emotionIds)[number]): number => emotionIndex(id) as number;
const among = [indexOf("joy"), indexOf("sadness"), indexOf("anger")];

/** A row on which `holds` hold and whose classes come out in this order, the rest after them. */
function judge(
  holds: readonly (typeof emotionIds)[number][],
  order: readonly (typeof emotionIds)[number][],
): Judgement {
  const emotions = [...order, ...emotionIds.filter((id) => !order.includes(id))];
  const analysis = {
    primaryEmotion: emotions[0],
    emotions: emotions.map((emotion) => ({ emotion, probability: 0.1 })),
  };
  const example: Example = {
    id: "x",
    text: "x",
    split: "test",
    partial: { holds: holds.map(indexOf), among },
  };
  return { example, inspection: { analysis } as unknown as Inspection };
}

const options = { seed: 1, resamples: 20 };

describe("text by people", () => {
  test("a class counts as found when it comes first among those the corpus can name", () => {
    const found = measurePeople(
      [
        judge(["joy"], ["elation", "joy", "sadness"]),
        judge(["joy"], ["joy"]),
        judge(["sadness"], ["fatigue", "anger", "sadness"]),
        judge(["sadness", "anger"], ["sadness"]),
      ],
      options,
    );
    assert.ok(!isSkipped(found));
    assert.equal(found.rows, 3, "a row on which two hold is left out");
    assert.equal(found.firstAmongItsOwn.value, 2 / 3);
    assert.equal(found.firstOfAll.value, 1 / 3);
    assert.equal(found.commonest, 2 / 3);
    assert.equal(found.classes, 2);
  });

  test("without a row of one class there is a reason, not a figure", () => {
    assert.ok(isSkipped(measurePeople([judge(["joy", "anger"], ["joy"])], options)));
    assert.ok(isSkipped(measurePeople([], options)));
  });
});
