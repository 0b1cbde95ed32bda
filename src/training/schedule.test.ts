import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { learningRateFactor, type Schedule, warmupSteps } from "./schedule.js";

const near = (a: number, b: number) => assert.ok(Math.abs(a - b) < 1e-12, `${a} is not ${b}`);

const schedules: fc.Arbitrary<Schedule> = fc.record(
  {
    kind: fc.constantFrom(
      "cosine" as const,
      "linear" as const,
      "cosine-restarts" as const,
      "constant" as const,
    ),
    warmupShare: fc.double({ min: 0, max: 0.9, noNaN: true }),
    restartEvery: fc.integer({ min: 1, max: 300 }),
    restartMultiplier: fc.constantFrom(1, 1.5, 2),
    floor: fc.double({ min: 0, max: 1, noNaN: true }),
  },
  { requiredKeys: ["kind"] },
);

describe("learningRateFactor", () => {
  test("exact values of every kind", () => {
    const at = (schedule: Schedule, step: number) => learningRateFactor(schedule, step, 110);
    const warm = { warmupSteps: 10 };
    near(at({ kind: "constant", ...warm }, 0), 0.1);
    near(at({ kind: "constant", ...warm }, 9), 1);
    near(at({ kind: "constant", ...warm }, 99), 1);
    near(at({ kind: "linear", ...warm }, 10), 1);
    near(at({ kind: "linear", ...warm }, 35), 0.75);
    near(at({ kind: "linear", ...warm }, 110), 0);
    near(at({ kind: "cosine", ...warm }, 60), 0.5);
    near(at({ kind: "cosine", ...warm, floor: 0.2 }, 60), 0.6);
    near(at({ kind: "cosine", ...warm }, 110), 0);
    near(at({ kind: "cosine", ...warm }, 500), 0);
  });

  test("warm restarts: 500 warm-up steps and T0 = 500, as the guide has it", () => {
    const guide: Schedule = { kind: "cosine-restarts", warmupSteps: 500, restartEvery: 500 };
    const at = (step: number) => learningRateFactor(guide, step, 10_000);
    near(at(249), 0.5);
    near(at(500), 1);
    near(at(750), 0.5);
    near(at(1000), 1);
    near(at(1250), 0.5);
    assert.ok(at(999) < 1e-4);
  });

  test("warm restarts that lengthen: cycles of 10, 20, 40", () => {
    const schedule: Schedule = { kind: "cosine-restarts", restartEvery: 10, restartMultiplier: 2 };
    for (const start of [0, 10, 30, 70]) near(learningRateFactor(schedule, start, 1000), 1);
    for (const middle of [5, 20, 50]) near(learningRateFactor(schedule, middle, 1000), 0.5);
  });

  test("always in [0, 1], never under the floor after warm-up, and at 1 where warm-up ends", () => {
    fc.assert(
      fc.property(
        schedules,
        fc.integer({ min: 1, max: 2000 }),
        fc.double({ min: 0, max: 1.2, noNaN: true }),
        (schedule, total, share) => {
          const step = Math.floor(share * total);
          const factor = learningRateFactor(schedule, step, total);
          const warmup = warmupSteps(schedule, total);
          assert.ok(factor >= 0 && factor <= 1 + 1e-12, `${factor}`);
          if (step >= warmup) assert.ok(factor >= (schedule.floor ?? 0) - 1e-12);
          near(learningRateFactor(schedule, warmup, total), 1);
          if (warmup > 0) near(learningRateFactor(schedule, warmup - 1, total), 1);
        },
      ),
    );
  });

  test("climbs during warm-up and, without restarts, never climbs again", () => {
    fc.assert(
      fc.property(schedules, fc.integer({ min: 2, max: 300 }), (schedule, total) => {
        const warmup = warmupSteps(schedule, total);
        for (let step = 1; step < total; step++) {
          const [before, now] = [
            learningRateFactor(schedule, step - 1, total),
            learningRateFactor(schedule, step, total),
          ];
          if (step < warmup) assert.ok(now > before);
          else if (schedule.kind !== "cosine-restarts") assert.ok(now <= before + 1e-12);
        }
      }),
    );
  });
});
