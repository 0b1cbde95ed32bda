import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { config, drawWeights, makeReading, now } from "../../test/fake-readiness.js";
import { AppError } from "../base/errors.js";
import { PopulationStatistics } from "../behavior/statistics.js";
import { logit } from "../calibration/probability.js";
import type { Moment } from "../history/moment.js";
import { Session } from "../runtime/session.js";
import {
  encodeMoments,
  FeatureBatch,
  gapPlace,
  messagePlace,
  signalWidth,
  windowMoments,
} from "./features.js";
import { encodeReadiness } from "./network.js";

function layOut(moments: readonly Moment[]): FeatureBatch {
  const batch = new FeatureBatch(1, config.hidden);
  batch.write(0, encodeMoments(moments, now, new PopulationStatistics(), "test"), now);
  return batch;
}

const signalsOf = ({ signals }: FeatureBatch, place: number): number[] => [
  ...signals.slice(place * signalWidth, (place + 1) * signalWidth),
];

describe("FeatureBatch", () => {
  test("moments stand at the end of the window, each with what is known of it and zeros elsewhere", () => {
    const reading = makeReading(1, 0.25);
    const batch = layOut([
      { at: now - 20_000, reading },
      { at: now - 10_000, behavior: { correct: true } },
    ]);
    const [early, late] = [windowMoments - 2, windowMoments - 1];
    assert.deepEqual([...batch.mask.slice(early - 1)], [0, 1, 1]);
    assert.ok(batch.mask.slice(0, early).every((value) => value === 0));
    assert.ok(signalsOf(batch, early - 1).every((value) => value === 0));
    const [message, work] = [signalsOf(batch, early), signalsOf(batch, late)];
    assert.deepEqual(message.slice(0, 41), [...Float32Array.from(reading.emotion)]);
    assert.deepEqual([message[messagePlace], work[messagePlace]], [1, 0]);
    assert.equal(message[44], Math.fround(logit(0.25) / 2));
    assert.ok(work.slice(0, messagePlace).every((value) => value === 0));
    assert.ok(batch.embedding.slice(late * config.hidden).every((value) => value === 0));
    assert.deepEqual(
      [...batch.embedding.slice(early * config.hidden, late * config.hidden)],
      [...reading.embedding],
    );
    const flag = messagePlace + 1 + 5;
    assert.deepEqual([work[flag], work[flag + 13], message[flag + 13]], [1, 1, 0]);
    const times = [message, work].map((values) => values.slice(gapPlace, gapPlace + 3));
    const log = (seconds: number): number => Math.fround(Math.log1p(seconds) / 5);
    assert.deepEqual(times, [
      [log(20), 0, 0],
      [log(10), log(10), 1],
    ]);
    assert.deepEqual([...batch.anchor], [Math.fround(logit(0.25)), 1, log(20)]);
  });

  test("moments of one time share the time since the one before, and do not make each other usual", () => {
    const work = { at: now - 1000, behavior: { attempts: 3 } };
    const message = { at: now - 1000, reading: makeReading(1, 0.5), behavior: { attempts: 3 } };
    const batch = layOut([{ at: now - 11_000, behavior: { attempts: 1 } }, work, message]);
    const [one, other] = [windowMoments - 2, windowMoments - 1].map((place) => signalsOf(batch, place)) as [
      number[],
      number[],
    ];
    assert.deepEqual(one.slice(messagePlace + 1), other.slice(messagePlace + 1));
    assert.equal(one[gapPlace + 1], Math.fround(Math.log1p(10) / 5));
  });

  test("a step is held against the learner's own steps before it", () => {
    const steps = (attempts: number): Moment[] => [
      ...Array.from({ length: 6 }, (_, i) => ({ at: now - 1e6 + i, behavior: { attempts } })),
      { at: now, behavior: { attempts: 4 } },
    ];
    const place = (batch: FeatureBatch): number =>
      signalsOf(batch, windowMoments - 1)[messagePlace + 2] as number;
    assert.ok(place(layOut(steps(1))) > place(layOut(steps(4))) + 0.5);
  });

  test("a moment is known to be of the newest one's activity and item, or of another, or neither", () => {
    const step = (ago: number, context?: Moment["context"]): Moment => ({
      at: now - ago,
      behavior: { correct: true },
      context,
    });
    const batch = layOut([
      step(500, { activity: "fractions", itemId: "1" }),
      step(400, { activity: "roots" }),
      step(300, { subject: "algebra" }),
      step(200, { activity: "fractions", itemId: "2" }),
      step(100),
    ]);
    const relations = [5, 4, 3, 2, 1].map((back) =>
      signalsOf(batch, windowMoments - back).slice(gapPlace + 3),
    );
    assert.deepEqual(relations, [
      [0, 0, 1, 1, 1, 0],
      [0, 0, 1, 0, 0, 0],
      [0, 0, 0, 0, 0, 0],
      [0, 0, 1, 1, 1, 1],
      [0, 0, 0, 0, 0, 0],
    ]);
  });

  test("the last message is where readiness starts from, also where it lies before the window", () => {
    const later = Array.from({ length: windowMoments }, (_, i) => ({
      at: now - 100 + i,
      behavior: { correct: false },
    }));
    const batch = layOut([{ at: now - 5000, reading: makeReading(1, 0.9) }, ...later]);
    assert.equal(batch.anchor[0], Math.fround(logit(0.9)));
    assert.ok(batch.embedding.every((value) => value === 0));
    assert.deepEqual([...layOut(later).anchor], [0, 0, 0]);
  });

  test("an embedding of another width is refused", () => {
    const reading = { ...makeReading(1, 0.5), embedding: new Float32Array(config.hidden + 1) };
    assert.throws(
      () => layOut([{ at: now, reading }]),
      (error) =>
        error instanceof AppError && error.code === "MODEL_SHAPE" && /width 6, got 7/.test(error.message),
    );
  });

  test("where there is no moment none is attended to", async () => {
    const session = await Session.open(encodeReadiness(config, drawWeights(2)), { threads: 1 });
    const { attention } = await session.run(layOut([]).feeds);
    assert.deepEqual(attention?.data, new Float32Array(windowMoments));
    await session.close();
  });
});
