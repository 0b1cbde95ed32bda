import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { AppError } from "../base/errors.js";
import { MemoryHistory } from "./memory-history.js";
import type { LearnerKey, Moment } from "./moment.js";
import { momentFromJson, momentToJson } from "./moment-json.js";

const key: LearnerKey = { tenantId: "school", learnerId: "ada" };

const step = (at: number, attempts = 1): Moment => ({ at, behavior: { attempts } });

function readingAt(at: number): Moment {
  const even = (length: number): number[] => Array.from({ length }, () => 1 / length);
  const model = { name: "attune-small", version: "1" };
  return {
    at,
    reading: {
      emotion: even(41),
      pad: [0.1, 0.2, 0.3],
      readiness: 0.5,
      support: even(6),
      embedding: Float32Array.of(1, 2, 3),
      model,
    },
  };
}

const times = (moments: readonly Moment[]): number[] => moments.map(({ at }) => at);

async function refuses(work: () => Promise<unknown>, code: string): Promise<void> {
  await assert.rejects(work, (error) => error instanceof AppError && error.code === code);
}

describe("MemoryHistory", () => {
  test("gives the last moments, oldest first, sorted by time however they came", async () => {
    const history = new MemoryHistory();
    for (const at of [30, 10, 20, 40, 5]) assert.equal(await history.append(key, step(at)), "added");
    assert.deepEqual(times(await history.export(key)), [5, 10, 20, 30, 40]);
    assert.deepEqual(times(await history.recent(key, 2)), [30, 40]);
    assert.deepEqual(await history.recent(key, 0), []);
    assert.deepEqual(times(await history.recent(key, 99)), [5, 10, 20, 30, 40]);
    assert.deepEqual(await history.recent({ ...key, learnerId: "nobody" }, 5), []);
  });

  test("keeps a retried send once, and moments of one time apart when they differ", async () => {
    const history = new MemoryHistory();
    assert.equal(await history.append(key, readingAt(10)), "added");
    assert.equal(await history.append(key, step(20)), "added");
    assert.equal(await history.append(key, readingAt(10)), "duplicate");
    assert.equal(await history.append(key, { ...readingAt(10), behavior: undefined }), "duplicate");
    assert.equal(await history.append(key, step(10, 2)), "added");
    assert.equal(await history.append(key, step(10, 3)), "added");
    assert.equal(await history.append(key, step(10, 2)), "duplicate");
    assert.deepEqual(times(await history.export(key)), [10, 10, 10, 20]);
  });

  test("neither what was handed in nor what was handed out leads to what is stored", async () => {
    const history = new MemoryHistory();
    const given = readingAt(1);
    await history.append(key, given);
    given.reading?.embedding.fill(9);
    for (const read of [() => history.recent(key, 1), () => history.export(key)]) {
      const moments = await read();
      assert.ok(
        Object.isFrozen(moments) && Object.isFrozen(moments[0]) && Object.isFrozen(moments[0]?.reading),
      );
      const emotion = moments[0]?.reading?.emotion as number[];
      assert.throws(() => emotion.push(1), TypeError);
      moments[0]?.reading?.embedding.fill(7);
      assert.deepEqual(await read(), [readingAt(1)]);
    }
  });

  test("drops text unless it is to be kept; of texts alone two moments do not differ then", async () => {
    const said = { at: 1, text: "I am lost" };
    const history = new MemoryHistory();
    await history.append(key, said);
    assert.deepEqual(await history.export(key), [{ at: 1 }]);
    assert.equal(await history.append(key, { ...said, text: "found" }), "duplicate");
    const keeping = new MemoryHistory({ keepText: true });
    await keeping.append(key, said);
    assert.equal(await keeping.append(key, { ...said, text: "found" }), "added");
    assert.deepEqual(await keeping.recent(key, 9), [said, { ...said, text: "found" }]);
  });

  test("refuses keys, moments and limits that are none, and keeps nothing of them", async () => {
    const history = new MemoryHistory();
    for (const work of ["export", "erase"] as const) {
      await refuses(() => history[work]({ tenantId: "", learnerId: "" }), "INPUT_EMPTY");
    }
    await refuses(() => history.recent({ tenantId: "", learnerId: "" }, 1), "INPUT_EMPTY");
    await refuses(() => history.append({ learnerId: "a" } as LearnerKey, step(1)), "INPUT_TYPE");
    for (const at of [-1, Number.NaN, Number.POSITIVE_INFINITY]) {
      await refuses(() => history.append(key, step(at)), "INPUT_TYPE");
    }
    for (const limit of [-1, 1.5, Number.NaN, Number.POSITIVE_INFINITY]) {
      await refuses(() => history.recent(key, limit), "USAGE");
    }
    assert.deepEqual(history.size, { learners: 0, moments: 0 });
    for (const options of [
      { maxPerLearner: 0 },
      { maxTotal: 1.5 },
      { maxAgeMs: 0 },
      { maxAgeMs: Number.NaN },
    ]) {
      assert.throws(
        () => new MemoryHistory(options),
        (error) => error instanceof AppError && error.code === "USAGE",
      );
    }
  });

  test("the oldest of a learner give way, and what is older than all that is kept is outdated", async () => {
    const history = new MemoryHistory({ maxPerLearner: 3 });
    for (const at of [10, 20, 30, 40]) await history.append(key, step(at));
    assert.deepEqual(times(await history.export(key)), [20, 30, 40]);
    assert.equal(await history.append(key, step(10)), "outdated");
    assert.equal(await history.append(key, step(20)), "duplicate");
    assert.equal(await history.append(key, step(25)), "added");
    assert.deepEqual(times(await history.export(key)), [25, 30, 40]);
  });

  test("the learner to whom nothing was added for longest is forgotten, whatever the times of the moments", async () => {
    const history = new MemoryHistory({ maxTotal: 4, maxPerLearner: 2 });
    const [a, b, c] = ["a", "b", "c"].map((learnerId) => ({ tenantId: "", learnerId })) as [
      LearnerKey,
      LearnerKey,
      LearnerKey,
    ];
    for (const at of [900, 901]) await history.append(a, step(at));
    for (const at of [1, 2]) await history.append(b, step(at));
    await history.append(a, step(901));
    await history.append(c, step(3));
    assert.deepEqual(times(await history.export(a)), [900, 901]);
    assert.deepEqual(await history.export(b), []);
    assert.deepEqual(history.size, { learners: 2, moments: 3 });
    const small = new MemoryHistory({ maxTotal: 2 });
    for (const at of [1, 2, 3]) await small.append(a, step(at));
    assert.deepEqual(times(await small.export(a)), [2, 3]);
  });

  test("what is older than its age is neither kept, shown, counted, nor held for long", async () => {
    let now = 100;
    const history = new MemoryHistory({ maxAgeMs: 50, now: () => now });
    const other = { ...key, learnerId: "bob" };
    assert.equal(await history.append(key, step(49)), "outdated");
    for (const at of [50, 80]) assert.equal(await history.append(key, step(at)), "added");
    await history.append(other, step(90));
    now = 120;
    assert.deepEqual(times(await history.recent(key, 9)), [80]);
    now = 135;
    assert.equal(await history.erase(key), 0);
    now = 1000;
    assert.equal(history.size.moments, 1);
    assert.equal(history.expire(), 1);
    assert.deepEqual(history.size, { learners: 0, moments: 0 });
    for (const learnerId of ["1", "2", "3"]) await history.append({ ...key, learnerId }, step(now));
    now = 2000;
    for (let i = 0; i < 5; i++) await history.append(key, step(now + i));
    assert.deepEqual(history.size, { learners: 1, moments: 5 });
  });

  test("100,000 moments of one learner leave as many as may be kept, the last ones", async () => {
    const history = new MemoryHistory({ maxPerLearner: 1500 });
    for (let at = 0; at < 100_000; at++) await history.append(key, step(at));
    assert.deepEqual(history.size, { learners: 1, moments: 1500 });
    assert.deepEqual(times(await history.recent(key, 2)), [99_998, 99_999]);
    assert.deepEqual(times(await history.export(key))[0], 98_500);
  });

  test("an export comes back through JSON", async () => {
    const history = new MemoryHistory({ keepText: true });
    for (const moment of [readingAt(2), { ...step(1), text: "hm" }]) await history.append(key, moment);
    const moments = await history.export(key);
    const json: unknown[] = JSON.parse(JSON.stringify(moments.map(momentToJson)));
    assert.deepEqual(
      json.map((one, i) => momentFromJson(one, `export[${i}]`)),
      moments,
    );
  });
});
