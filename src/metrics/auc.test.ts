import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { areaUnderCurve } from "./auc.js";

const all = (count: number): Int32Array => Int32Array.from({ length: count }, (_, i) => i);

describe("areaUnderCurve", () => {
  test("is the share of pairs in the right order, ties counted half, on the rows asked for", () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.constantFrom(0, 1), fc.integer({ min: 0, max: 5 })), {
          minLength: 1,
          maxLength: 30,
        }),
        fc.infiniteStream(fc.nat()),
        (rows, picks) => {
          const truths = rows.map(([truth]) => truth);
          const scores = rows.map(([, score]) => score);
          const indices = all(rows.length).map(() => (picks.next().value as number) % rows.length);
          let [pairs, right] = [0, 0];
          for (const i of indices) {
            for (const j of indices) {
              if (truths[i] !== 1 || truths[j] !== 0) continue;
              pairs++;
              right +=
                ((scores[i] as number) > (scores[j] as number) ? 1 : 0) + (scores[i] === scores[j] ? 0.5 : 0);
            }
          }
          const found = areaUnderCurve(truths, scores, indices);
          if (pairs === 0) assert.ok(Number.isNaN(found));
          else assert.ok(Math.abs(found - right / pairs) < 1e-12);
        },
      ),
    );
  });
});
