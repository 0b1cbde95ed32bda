import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { buildLearnerEngine, makeUpReading, readMadeUp } from "../../test/fixtures/made-up-reading.js";
import { MemoryHistory } from "../history/memory-history.js";
import type { Moment } from "../history/moment.js";
import { lookback } from "./learner-engine.js";

const learnerId = "anna";
const key = { tenantId: "", learnerId };

describe("LearnerEngine", () => {
  test("a message is answered by those before it, and remembered once, without its text", async () => {
    const history = new MemoryHistory({ keepText: false });
    const engine = buildLearnerEngine({ history });
    const answers = [];
    for (let i = 0; i < 6; i++) {
      answers.push(await engine.analyze({ learnerId, text: `message ${i}`, at: i * 1000 }));
    }
    assert.deepEqual(
      answers.map(({ learner }) => [learner.at, learner.history, learner.trajectory.readings]),
      [1, 2, 3, 4, 5, 6].map((moments) => [
        (moments - 1) * 1000,
        { moments, appended: "added", late: false },
        moments,
      ]),
    );
    assert.equal(answers[5]?.primaryEmotion as string, "message 5");
    assert.equal(answers[0]?.learner.trajectory.state, "too-little-data");
    const kept = await engine.export({ learnerId });
    assert.equal(kept.length, 6);
    assert.ok(!JSON.stringify(kept).includes("message"));
    assert.deepEqual(kept[3]?.reading, makeUpReading("message 3"));
  });

  test("answers are frozen to the bottom", async () => {
    const engine = buildLearnerEngine();
    const check = (value: unknown): void => {
      if (typeof value !== "object" || value === null) return;
      assert.ok(Object.isFrozen(value));
      for (const inner of Object.values(value)) check(inner);
    };
    check((await engine.analyze({ learnerId, text: "hello", at: 5 })).learner);
    const observed = await engine.observe({ learnerId, behavior: { correct: true }, at: 6 });
    check(observed);
    assert.equal(observed.learner.trajectory.readings, 1);
  });

  test("sent again with the same time a moment counts once, though its reading is rounded otherwise", async () => {
    let wobble = 0;
    const engine = buildLearnerEngine({
      read: async (text, where, explain) => ({
        ...(await readMadeUp(text, where, explain)),
        reading: makeUpReading(text as string, wobble),
      }),
    });
    const call = { learnerId, text: "stuck", at: 50, behavior: { attempts: 2 }, context: { itemId: "x" } };
    await engine.analyze({ learnerId, text: "before", at: 10 });
    const first = await engine.analyze(call);
    wobble = 1e-7;
    const again = await engine.analyze(call);
    assert.equal(again.learner.history.appended, "duplicate");
    assert.deepEqual(again.learner.history.moments, first.learner.history.moments);
    wobble = 0;
    for (const other of [
      { ...call, text: "stuck!" },
      { ...call, behavior: { attempts: 3 } },
      { ...call, context: { itemId: "y" } },
      { ...call, at: 51 },
      { learnerId, text: "stuck", at: 50 },
    ]) {
      const answer = await engine.analyze(other);
      assert.equal(answer.learner.history.appended, "added");
    }
    const step = { learnerId, behavior: { attempts: 2 }, at: 60 };
    assert.equal((await engine.observe(step)).learner.history.appended, "added");
    assert.equal((await engine.observe(step)).learner.history.appended, "duplicate");
    assert.equal((await engine.export({ learnerId })).length, 8);
  });

  test("a late moment is answered by what was before it, and sorted in", async () => {
    const ordered = buildLearnerEngine();
    const shuffled = buildLearnerEngine();
    const send = (engine: typeof ordered, i: number) =>
      engine.analyze({ learnerId, text: `message ${i}`, at: i * 1000 });
    for (const i of [0, 1, 2, 3]) await send(ordered, i);
    for (const i of [0, 1, 3]) await send(shuffled, i);
    const late = await send(shuffled, 2);
    assert.deepEqual(late.learner.history, { moments: 3, appended: "added", late: true });
    assert.deepEqual(late.learner.trajectory, (await send(ordered, 2)).learner.trajectory);
    assert.deepEqual(
      (await send(shuffled, 4)).learner.trajectory,
      (await send(ordered, 4)).learner.trajectory,
    );
    assert.deepEqual(await shuffled.export({ learnerId }), await ordered.export({ learnerId }));
  });

  test("without a time the clock decides, and one that was set back stands still", async () => {
    let clock = 1000;
    const engine = buildLearnerEngine({ now: () => clock });
    const ask = async (text: string) => (await engine.analyze({ learnerId, text })).learner;
    assert.equal((await ask("a")).at, 1000);
    clock = 400;
    const back = await ask("b");
    assert.deepEqual([back.at, back.history.late, back.history.moments], [1000, false, 2]);
    clock = 1700;
    assert.equal((await ask("c")).at, 1700);
  });

  test("readings of another model are not looked at, but the work of that time is", async () => {
    const history = new MemoryHistory();
    const foreign = { ...makeUpReading("old"), model: { name: "made-up", version: "0.9.0" } };
    for (let at = 0; at < 5; at++)
      await history.append(key, { at, reading: foreign, behavior: { skips: at } });
    const { learner } = await buildLearnerEngine({ history }).analyze({ learnerId, text: "new", at: 9 });
    assert.equal(learner.trajectory.readings, 1);
    assert.equal(learner.history.moments, 6);
  });

  test("text is handed to a history that keeps it, and to no other", async () => {
    for (const keepText of [true, false]) {
      const handed: Moment[] = [];
      class Watched extends MemoryHistory {
        override append(...call: Parameters<MemoryHistory["append"]>) {
          handed.push(call[1]);
          return super.append(...call);
        }
      }
      const engine = buildLearnerEngine({ history: new Watched({ keepText }) });
      await engine.analyze({ learnerId, text: "secret", at: 1 });
      assert.deepEqual(
        handed.map(({ text }) => text),
        [keepText ? "secret" : undefined],
      );
    }
  });

  test("calls for one learner are answered in the order in which they came, whatever their reading takes", async () => {
    const waiting: (() => void)[] = [];
    const engine = buildLearnerEngine({
      read: async (text, where, explain) => {
        await new Promise<void>((resolve) => waiting.push(resolve));
        return readMadeUp(text, where, explain);
      },
    });
    const answers = ["a", "b", "", "c"].map((text) => engine.analyze({ learnerId, text, at: 1 }));
    await new Promise(setImmediate);
    assert.equal(waiting.length, 4, "all are read at once");
    for (const go of waiting.reverse()) go();
    const settled = await Promise.allSettled(answers);
    assert.deepEqual(
      settled.map((one) =>
        one.status === "fulfilled" ? one.value.learner.history.moments : one.reason.code,
      ),
      [1, 2, "INPUT_EMPTY", 3],
    );
  });

  test("forgetting waits for what came before, and leaves nothing", async () => {
    const engine = buildLearnerEngine();
    const before = [1, 2].map((at) => engine.analyze({ learnerId, text: "x", at }));
    const forgotten = engine.forget({ learnerId });
    const after = engine.analyze({ learnerId, text: "x", at: 3 });
    await Promise.all(before);
    assert.equal(await forgotten, 2);
    assert.equal((await after).learner.history.moments, 1);
    assert.equal(await engine.forget({ learnerId: "nobody" }), 0);
  });

  test("of 100,000 moments the last are looked at, no more", async () => {
    const history = new MemoryHistory({ maxPerLearner: 100_000 });
    const few = new MemoryHistory();
    for (let at = 0; at < 100_000; at++) {
      const moment = {
        at,
        behavior: { attempts: at % 7 },
        ...(at % 50 === 0 ? { reading: makeUpReading(`${at}`) } : {}),
      };
      await history.append(key, moment);
      if (at >= 100_000 - lookback) await few.append(key, moment);
    }
    const call = { learnerId, text: "still here", at: 100_000 };
    const { learner } = await buildLearnerEngine({ history }).analyze(call);
    assert.equal(learner.history.moments, lookback + 1);
    assert.deepEqual(learner, (await buildLearnerEngine({ history: few }).analyze(call)).learner);
    assert.equal((await history.export(key)).length, 100_000);
  });
});
