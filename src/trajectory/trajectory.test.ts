import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { type EmotionId, emotionIds } from "../emotion/taxonomy.js";
import type { AffectMoment } from "./series.js";
import { describeTrajectory } from "./trajectory.js";

const minute = 60_000;

/** A moment whose primary emotion is known. */
function moment(
  at: number,
  pleasure: number,
  readiness = pleasure,
  emotion: EmotionId = "neutral",
): AffectMoment {
  const probabilities = emotionIds.map((id) => (id === emotion ? 0.6 : 0.01));
  return { at, reading: { emotion: probabilities, pad: [pleasure, 0.5, 0.5], readiness } };
}

const alongside = (values: readonly number[]): AffectMoment[] =>
  values.map((value, i) => moment(i * minute, value));

describe("a trajectory", () => {
  test("tells rise, fall, recovery, swings and none of them", () => {
    const states = [
      [0.2, 0.3, 0.35, 0.5, 0.6, 0.8],
      [0.8, 0.6, 0.5, 0.35, 0.3, 0.2],
      [0.6, 0.4, 0.2, 0.1, 0.5, 0.8],
      [0.1, 0.9, 0.2, 0.8, 0.15, 0.95, 0.25, 0.85, 0.05, 0.75],
      [0.5, 0.52, 0.49, 0.51, 0.5, 0.48, 0.52],
      [0.1, 0.2, 0.3, 0.4],
      [],
    ].map((values) => describeTrajectory(alongside(values)).state);
    assert.deepEqual(states, [
      "improving",
      "declining",
      "recovering",
      "volatile",
      "stable",
      "too-little-data",
      "too-little-data",
    ]);
  });

  test("slopes are for each hour, or for each message without a clock", () => {
    const timed = describeTrajectory(alongside([0.1, 0.2, 0.3, 0.4, 0.5]));
    assert.equal(timed.per, "hour");
    assert.ok(Math.abs(timed.valence.slope - 6) < 1e-9);
    const counted = describeTrajectory(
      [0.1, 0.2, 0.3, 0.4, 0.5].map((value, i) => moment(i, value)),
      { clock: "index" },
    );
    assert.equal(counted.per, "message");
    assert.ok(Math.abs(counted.readiness.slope - 0.1) < 1e-9);
  });

  test("volatility is of successive differences, so that a steady rise has that of its steps", () => {
    const steps = describeTrajectory(alongside([0.1, 0.2, 0.3, 0.4, 0.5])).valence.volatility;
    assert.ok(Math.abs(steps - (1.4826022 * 0.1) / Math.SQRT2) < 1e-6);
    assert.equal(describeTrajectory(alongside([0.4, 0.4, 0.4, 0.4, 0.9])).valence.volatility, 0);
  });

  test("looks at the last readings only, and says at how many", () => {
    const fallThenRise = alongside([...Array(60).keys()].map((i) => 0.1 + Math.abs(i - 30) / 50));
    assert.equal(describeTrajectory(fallThenRise).state, "recovering");
    const late = describeTrajectory(fallThenRise, { window: 20 });
    assert.deepEqual([late.state, late.readings], ["improving", 20]);
  });
});

describe("what went on until now", () => {
  const story = (...emotions: EmotionId[]): AffectMoment[] =>
    emotions.map((emotion, i) => moment(i * minute, 0.3, emotion === "joy" ? 0.8 : 0.3, emotion));

  test("begins with the first of a run; one interruption does not end it, two do", () => {
    const frustrated = (moments: AffectMoment[]) =>
      describeTrajectory(moments).ongoing.find(({ what }) => what === "frustration");
    assert.deepEqual(frustrated(story("joy", "frustration", "joy", "frustration", "frustration")), {
      what: "frustration",
      since: minute,
      lasted: 3 * minute,
      readings: 3,
      interruptions: 1,
    });
    assert.equal(frustrated(story("frustration", "joy", "joy", "frustration"))?.since, 3 * minute);
    assert.equal(frustrated(story("frustration", "frustration", "joy")), undefined);
  });

  test("different negative emotions are one spell of trouble, and silence ends it", () => {
    const { ongoing } = describeTrajectory(story("joy", "joy", "confusion", "frustration", "anger"));
    assert.deepEqual(
      ongoing.map(({ what, since }) => [what, since / minute]),
      [
        ["anger", 4],
        ["negative-emotion", 2],
        ["low-readiness", 2],
      ],
    );
    const nextDay = [...story("anger", "anger"), moment(24 * 60 * minute, 0.2, 0.3, "anger")];
    assert.equal(describeTrajectory(nextDay).ongoing[0]?.readings, 1);
    assert.equal(
      describeTrajectory(nextDay, { longestSilenceMs: Number.POSITIVE_INFINITY }).ongoing[0]?.readings,
      3,
    );
    assert.deepEqual(describeTrajectory(story("anger", "joy")).ongoing, []);
  });
});

describe("bad input", () => {
  test("times and readings that cannot be true are refused with their place", () => {
    const good = moment(0, 0.5);
    const reading = good.reading as NonNullable<AffectMoment["reading"]>;
    const bad: readonly [unknown, RegExp][] = [
      [{ ...good, at: Number.NaN }, /moments\[1\]\.at: expected .* got NaN/],
      [{ ...good, at: -1 }, /moments\[1\]\.at/],
      [{ at: Number.POSITIVE_INFINITY }, /moments\[1\]\.at/],
      [{ at: 1, reading: { ...reading, readiness: 1.2 } }, /reading\.readiness/],
      [{ at: 1, reading: { ...reading, pad: [0.5, Number.NaN, 0.5] } }, /reading\.pad\[1\]/],
      [{ at: 1, reading: { ...reading, pad: undefined } }, /reading\.pad\[0\]/],
      [{ at: 1, reading: { ...reading, emotion: [1] } }, /reading\.emotion: expected 41/],
      [{ at: 1, reading: { ...reading, emotion: reading.emotion.map(() => Number.NaN) } }, /emotion\[0\]/],
    ];
    for (const [value, message] of bad) {
      assert.throws(() => describeTrajectory([good, value as AffectMoment]), { code: "INPUT_TYPE", message });
    }
    for (const options of [{ window: 4 }, { window: Number.NaN }, { alpha: 0 }, { longestSilenceMs: -1 }]) {
      assert.throws(() => describeTrajectory([good], options), { code: "CONFIG_INVALID" });
    }
  });

  test("moments without a reading are passed over, and doubles are kept once", () => {
    const moments = alongside([0.1, 0.2, 0.3, 0.4, 0.5]);
    const plain = describeTrajectory(moments);
    const messy = describeTrajectory(moments.flatMap((one) => [one, { at: one.at + 1 }, { ...one }]));
    assert.deepEqual(messy, { ...plain, repairs: { reordered: 5, duplicates: 5, withoutReading: 5 } });
    const sameTime = describeTrajectory([moment(0, 0.1), moment(0, 0.2), moment(0, 0.1)]);
    assert.deepEqual([sameTime.readings, sameTime.repairs.duplicates], [2, 1]);
  });

  test("whatever the order of arrival, the trajectory is the same", () => {
    const value = fc.integer({ min: 0, max: 20 }).map((n) => n / 20);
    const times = fc.uniqueArray(fc.integer({ min: 0, max: 10_000_000 }), { minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(times, fc.array(value, { minLength: 20, maxLength: 20 }), (unsorted, values) => {
        const arrived = unsorted.map((at, i) => moment(at, values[i] as number, values[19 - i] as number));
        const sorted = [...arrived].sort((a, b) => a.at - b.at);
        const { repairs: _, ...got } = describeTrajectory(arrived);
        const { repairs, ...want } = describeTrajectory(sorted);
        assert.deepEqual(got, want);
        assert.equal(repairs.reordered, 0);
      }),
    );
  });

  test("a hundred thousand moments cost no more than the last of them, and no one is changed", () => {
    const many = Array.from({ length: 100_000 }, (_, i) =>
      Object.freeze(moment(i * 1000, ((i * 37) % 100) / 100)),
    );
    const all = describeTrajectory(many);
    assert.equal(all.readings, 64);
    const { ongoing: _, ...tail } = describeTrajectory(many.slice(-64));
    assert.deepEqual({ ...all, ongoing: undefined }, { ...tail, ongoing: undefined });
  });
});
