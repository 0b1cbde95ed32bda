import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import fc from "fast-check";
import { anyMoment, makeReading, now, openModel, textModel } from "../../test/fake-readiness.js";
import { AppError, type ErrorCode } from "../base/errors.js";
import { Random } from "../base/random.js";
import type { Moment } from "../history/moment.js";
import type { ReadinessAssessment } from "./assessment.js";
import { statisticsMoments, windowMoments } from "./features.js";
import type { ReadinessModel } from "./model.js";

const withCode = (code: ErrorCode, message: RegExp) => (error: unknown) =>
  error instanceof AppError && error.code === code && message.test(error.message);

/** Of one window alone and of one among others the kernels may add in another order. */
function assertClose(got: ReadinessAssessment, want: ReadinessAssessment, tolerance = 1e-5): void {
  const numbers = ({ state: _, attention, stateVector, ...rest }: ReadinessAssessment): number[] => [
    ...Object.values(rest as Record<string, number>),
    ...attention.flatMap(({ at, weight }) => [at, weight]),
    ...stateVector,
  ];
  const [one, other] = [numbers(got), numbers(want)];
  assert.equal(one.length, other.length);
  one.forEach((value, i) => {
    assert.ok(Math.abs(value - (other[i] as number)) <= tolerance, `number ${i}: ${value} for ${other[i]}`);
  });
}

describe("ReadinessModel", () => {
  let model: ReadinessModel;
  before(async () => {
    model = await openModel();
  });
  after(() => model.close());

  test("one message and no behaviour: the score is the text's, to the last bit", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.nat(),
        fc.oneof(fc.double({ min: 0, max: 1, noNaN: true }), fc.constantFrom(0, 1, 1e-300, 1 - 2 ** -53)),
        fc.nat(1e9),
        async (seed, readiness, ago) => {
          const message = { at: now - ago, reading: makeReading(seed, readiness) };
          assert.equal((await model.assess([message], now)).score, readiness);
          const empty = { at: now - ago, behavior: {}, context: { itemId: "a" } };
          assert.equal((await model.assess([message, empty], now)).score, readiness);
        },
      ),
      { numRuns: 40 },
    );
  });

  test("a second message, a signal or no message at all and the moments have their say", async () => {
    const message = { at: now - 5_000, reading: makeReading(1, 0.4) };
    const earlier = { at: now - 90_000, reading: makeReading(2, 0.4) };
    const answers = await Promise.all(
      [[earlier, message], [{ ...message, behavior: { correct: false } }], []].map((moments) =>
        model.assess(moments, now),
      ),
    );
    for (const { score } of answers) assert.ok(score > 0 && score < 1 && score !== 0.4);
    assert.deepEqual(answers[2]?.attention, []);
  });

  test("moments that say nothing, batches and neighbours change nothing", async () => {
    const some = fc.array(anyMoment, { maxLength: 14 });
    await fc.assert(
      fc.asyncProperty(fc.array(some, { minLength: 1, maxLength: 5 }), fc.nat(), async (all, seed) => {
        const random = Random.seeded(seed);
        const questions = all.map((moments) => ({ moments, now }));
        const answers = await model.assessAll(questions);
        for (const [i, moments] of all.entries()) {
          const padded = random.shuffle([
            ...moments,
            { at: now - 1e9 },
            { at: now - 10, behavior: { skips: undefined } },
          ]);
          const alone = await model.assess(padded, now);
          assertClose(answers[i] as ReadinessAssessment, alone);
        }
      }),
      { numRuns: 30 },
    );
  });

  test("the order of arrival does not matter, of one time neither", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(anyMoment, { maxLength: 20 }), fc.nat(), async (moments, seed) => {
        const shuffled = Random.seeded(seed).shuffle([...moments]);
        assert.deepEqual(await model.assess(shuffled, now), await model.assess(moments, now));
      }),
      { numRuns: 60 },
    );
  });

  test("the weights are those of the window's moments, sum to 1, and all is in range", async () => {
    const sayable = anyMoment.filter(({ reading, behavior }) => {
      return reading !== undefined || Object.keys(behavior ?? {}).length > 0;
    });
    await fc.assert(
      fc.asyncProperty(fc.array(sayable, { minLength: 1, maxLength: windowMoments + 5 }), async (moments) => {
        const { attention, stateVector, ...rest } = await model.assess(moments, now);
        const times = moments.map(({ at }) => at).sort((a, b) => a - b);
        assert.deepEqual(
          attention.map(({ at }) => at),
          times.slice(-windowMoments),
        );
        assert.ok(Math.abs(attention.reduce((sum, { weight }) => sum + weight, 0) - 1) < 1e-5);
        for (const value of [rest.score, rest.expectedSuccess, rest.engagement, rest.cognitiveLoad])
          assert.ok(value >= 0 && value <= 1);
        assert.equal(stateVector.length, model.identity.state);
      }),
      { numRuns: 40 },
    );
  });

  test("a signal that is not known is not the same as one that is as usual", async () => {
    const at = now - 1000;
    const [missing, usual] = await model.assessAll([
      { moments: [{ at, behavior: { attempts: 1 } }], now },
      { moments: [{ at, behavior: { attempts: 1, hintsUsed: 0 } }], now },
    ]);
    assert.notEqual(missing?.score, usual?.score);
  });

  test("what is farther back than the statistics reach is forgotten, however much there is", async () => {
    const work = (i: number): Moment => ({ at: now - 1e8 + i * 1000, behavior: { attempts: 1 + (i % 3) } });
    const long = Array.from({ length: 100_000 }, (_, i) => work(i));
    assert.deepEqual(await model.assess(long, now), await model.assess(long.slice(-statisticsMoments), now));
  });

  test("a moment of the future and a time that is none are refused, with the place among many", async () => {
    const late = { at: now + 1, behavior: { correct: true } };
    await assert.rejects(model.assess([late], now), withCode("INPUT_TYPE", /^readiness: moments\[0\]\.at/));
    await assert.rejects(model.assess([], Number.NaN), withCode("INPUT_TYPE", /expected now/));
    await assert.rejects(
      model.assessAll([
        { moments: [], now },
        { moments: [{ at: Number.NaN }], now },
      ]),
      withCode("INPUT_TYPE", /^readiness\[1\]: moments\[0\]/),
    );
  });

  test("readings of another text model are left out, and refused where the newest is one", async () => {
    const other = { ...textModel, version: "2" };
    const newest = { at: now - 10, reading: makeReading(1, 0.3) };
    const old = { at: now - 9000, reading: makeReading(2, 0.9, other), behavior: { attempts: 2 } };
    assert.deepEqual(
      await model.assess([old, newest], now),
      await model.assess([{ ...old, reading: undefined }, newest], now),
    );
    await assert.rejects(
      model.assess([{ ...old, at: now }, newest], now),
      withCode("WEIGHTS_MISMATCH", /got one of text 2; retrain: attune train experiments\/readiness\.json$/),
    );
  });
});
