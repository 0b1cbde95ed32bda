import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { LearnerQueue } from "./learner-queue.js";

/** A promise and what settles it. */
function makeGate(): { readonly open: () => void; readonly opened: Promise<void> } {
  let open = (): void => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { open, opened };
}

describe("LearnerQueue", () => {
  test("tasks of one address run one after the other, those of others do not wait", async () => {
    const queue = new LearnerQueue();
    const gate = makeGate();
    const events: string[] = [];
    const first = queue.run("a", async () => {
      events.push("a1 begins");
      await gate.opened;
      events.push("a1 ends");
    });
    const second = queue.run("a", async () => void events.push("a2"));
    await queue.run("b", async () => void events.push("b"));
    assert.deepEqual(events, ["a1 begins", "b"]);
    gate.open();
    await Promise.all([first, second]);
    assert.deepEqual(events, ["a1 begins", "b", "a1 ends", "a2"]);
  });

  test("a task that fails fails alone", async () => {
    const queue = new LearnerQueue();
    const failing = queue.run("a", () => Promise.reject(new Error("no")));
    const throwing = queue.run("a", () => {
      throw new Error("never");
    });
    const after = queue.run("a", async () => "done");
    await assert.rejects(failing, /no/);
    await assert.rejects(throwing, /never/);
    assert.equal(await after, "done");
  });

  test("nothing is kept of an address whose tasks have ended", async () => {
    const queue = new LearnerQueue();
    await Promise.allSettled(
      Array.from({ length: 50 }, (_, i) =>
        queue.run(`${i % 7}`, () => (i % 3 === 0 ? Promise.reject(new Error("no")) : Promise.resolve())),
      ),
    );
    await new Promise(setImmediate);
    assert.equal(queue.size, 0);
  });
});
