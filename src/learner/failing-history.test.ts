import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { buildLearnerEngine } from "../../test/fixtures/made-up-reading.js";
import { AppError, type ErrorCode } from "../base/errors.js";
import type { Appended, History } from "../history/history.js";
import { MemoryHistory } from "../history/memory-history.js";
import type { LearnerKey, Moment } from "../history/moment.js";

/** A history that fails where it is told to: before it has kept anything, as the contract asks. */
class FailingHistory implements History {
  readonly inner = new MemoryHistory();
  readonly #fails: (what: keyof History) => boolean;

  constructor(fails: (what: keyof History) => boolean) {
    this.#fails = fails;
  }

  async append(key: LearnerKey, moment: Moment): Promise<Appended> {
    if (this.#fails("append")) throw new Error("connection reset");
    return this.inner.append(key, moment);
  }

  async recent(key: LearnerKey, limit: number): Promise<readonly Moment[]> {
    if (this.#fails("recent")) throw new AppError("HISTORY_FAILED", "store: expected an answer, got none");
    return this.inner.recent(key, limit);
  }

  // Not async: some stores throw before there is a promise.
  erase(key: LearnerKey): Promise<number> {
    if (this.#fails("erase")) throw new TypeError("not connected");
    return this.inner.erase(key);
  }

  async export(key: LearnerKey): Promise<readonly Moment[]> {
    if (this.#fails("export")) throw "closed";
    return this.inner.export(key);
  }
}

const withCode = (code: ErrorCode, message: RegExp) => (error: unknown) =>
  error instanceof AppError && error.code === code && message.test(error.message);

describe("a history that fails", () => {
  test("fails the call by name and with its cause, for every question", async () => {
    const engine = buildLearnerEngine({ history: new FailingHistory((what) => what !== "recent") });
    const name = { learnerId: "1" };
    await assert.rejects(
      engine.analyze({ ...name, text: "hi", at: 1 }),
      withCode("HISTORY_FAILED", /history\.append: .*connection reset; nothing was answered/),
    );
    await assert.rejects(
      engine.observe({ ...name, behavior: { correct: true }, at: 1 }),
      (error: unknown) => error instanceof AppError && (error.cause as Error).message === "connection reset",
    );
    await assert.rejects(engine.forget(name), withCode("HISTORY_FAILED", /history\.erase: .*not connected/));
    await assert.rejects(engine.export(name), withCode("HISTORY_FAILED", /history\.export: .*closed/));
  });

  test("what it hands back is checked before anything is built on it", async () => {
    const answers = (recent: unknown, appended: unknown): History => {
      const inner = new MemoryHistory();
      return {
        recent: async () => recent as readonly Moment[],
        append: async () => appended as Appended,
        erase: (key) => inner.erase(key),
        export: (key) => inner.export(key),
      };
    };
    for (const [history, message] of [
      [answers(undefined, "added"), /recent: expected moments, got undefined/],
      [answers([{ at: Number.NaN }], "added"), /finite time, got NaN at place 0/],
      [answers([null], "added"), /finite time, got undefined at place 0/],
      [answers([], undefined), /append: expected added, duplicate or outdated, got undefined/],
    ] as const) {
      const call = buildLearnerEngine({ history }).analyze({ learnerId: "1", text: "hi", at: 1 });
      await assert.rejects(call, withCode("HISTORY_FAILED", message));
    }
    const unsorted = buildLearnerEngine({ history: answers([{ at: 5 }, { at: 2 }, { at: 9 }], "added") });
    const { learner } = await unsorted.analyze({ learnerId: "1", text: "hi", at: 6 });
    assert.deepEqual(learner.history, { moments: 3, appended: "added", late: true });
  });

  test("leaves what was as if the failed calls had never been made", async () => {
    const step = fc.record({
      learnerId: fc.constantFrom("1", "2"),
      text: fc.constantFrom("stuck", "got it", "why"),
      at: fc.integer({ min: 0, max: 5 }),
      fails: fc.constantFrom<keyof History | undefined>(undefined, undefined, "append", "recent"),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
        let fails: keyof History | undefined;
        const history = new FailingHistory((what) => what === fails);
        const engine = buildLearnerEngine({ history });
        const untouched = buildLearnerEngine();
        for (const { fails: failing, ...call } of steps) {
          fails = failing;
          const [one] = await Promise.allSettled([engine.analyze(call)]);
          if (one.status === "rejected") {
            assert.equal(one.reason.code, "HISTORY_FAILED");
            continue;
          }
          assert.deepEqual(one.value.learner, (await untouched.analyze(call)).learner);
        }
        fails = undefined;
        for (const learnerId of ["1", "2"]) {
          assert.deepEqual(await engine.export({ learnerId }), await untouched.export({ learnerId }));
        }
      }),
      { numRuns: 40 },
    );
  });

  test("one that never answers for one learner holds up nobody else", async () => {
    const inner = new MemoryHistory();
    const history: History = {
      append: (key, moment) =>
        key.learnerId === "stuck" ? new Promise(() => {}) : inner.append(key, moment),
      recent: (key, limit) => inner.recent(key, limit),
      erase: (key) => inner.erase(key),
      export: (key) => inner.export(key),
    };
    const engine = buildLearnerEngine({ history });
    void engine.analyze({ learnerId: "stuck", text: "hi", at: 1 });
    void engine.analyze({ learnerId: "stuck", text: "hi", at: 2 });
    const { learner } = await engine.analyze({ learnerId: "other", text: "hi", at: 3 });
    assert.equal(learner.history.moments, 1);
  });
});
