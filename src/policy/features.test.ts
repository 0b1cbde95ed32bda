import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { readingOf, situationOf, situations } from "../../test/fixtures/situations.js";
import { buildFeatures, countFeatures, countSummary, listFeatures } from "./features.js";
import type { Situation } from "./situation.js";

/** Known features by name. */
function read(situation: Situation): Record<string, number> {
  const { values, known } = buildFeatures(situation);
  const names = listFeatures(situation.state.stateVector.length);
  assert.equal(values.length, names.length);
  return Object.fromEntries(
    names.flatMap((name, i) => (known[i] === 1 ? [[name, values[i] as number]] : [])),
  );
}

const near = (got: number | undefined, expected: number): void => {
  assert.ok(got !== undefined && Math.abs(got - expected) < 1e-6, `${got}, expected ${expected}`);
};

describe("buildFeatures", () => {
  test("names every feature once", () => {
    const names = listFeatures(3);
    assert.equal(new Set(names).size, names.length);
    assert.equal(countFeatures(3), names.length);
    assert.equal(names.indexOf("pad.pleasure"), names.length - countSummary);
  });

  test("what is not known is masked and 0, and all is finite", () => {
    fc.assert(
      fc.property(situations, (situation) => {
        const { values, known } = buildFeatures(situation);
        values.forEach((value, i) => {
          assert.ok(Number.isFinite(value));
          if (known[i] === 0) assert.equal(value, 0);
        });
      }),
    );
    const bare = read(situationOf([{}]));
    for (const name of Object.keys(bare)) {
      assert.doesNotMatch(
        name,
        /^(emotion|pad|text|last|followed|recent|session)\.|since\.(reading|intervention)/,
      );
    }
    near(bare.readiness, 0.5);
    near(bare["state.1"], -0.2);
  });

  test("tells what was tried, when, and what followed", () => {
    const before = { behavior: { correct: false } };
    const after = { behavior: { correct: true } };
    const situation = situationOf([
      { ...before, level: 1, ago: 100 },
      { ...before, emotion: "sadness", level: 2, ago: 4 },
      { ...after, ago: 2 },
      { ...after, ago: 0 },
    ]);
    const last = situation.moments.at(-1);
    assert.ok(last);
    const moments = [
      ...situation.moments.slice(0, -1),
      { ...last, reading: readingOf("joy", 0.9, { readiness: 0.8, pad: [0.9, 0.5, 0.5] }) },
    ];
    const found = read({ ...situation, moments });
    near(found["since.intervention"], Math.log(5));
    near(found["since.reading"], 0);
    near(found["since.sessionStart"], Math.log(5));
    near(found["count.moments"], Math.log(4));
    near(found["count.mild"], Math.log(2));
    // The first was in another session.
    near(found["count.preventive"], 0);
    near(found["last.mild"], 1);
    near(found["last.preventive"], 0);
    near(found["followed.readiness"], 0.3);
    near(found["followed.pleasure"], 0.5);
    near(found["followed.success"], 1);
    near(found["recent.success"], 0.5);
    near(found["session.correct"], 2 / 3);
    assert.equal(found["session.attempts"], undefined);
  });

  test("the words themselves change nothing", () => {
    fc.assert(
      fc.property(situations, fc.string(), (situation, text) => {
        assert.deepEqual(buildFeatures({ ...situation, text }), buildFeatures(situation));
      }),
    );
  });
});
