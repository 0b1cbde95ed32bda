import assert from "node:assert/strict";
import { appendFileSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { AppError } from "../../base/errors.js";
import { EventLog, eventLogPath, readEvents, type Undated } from "./event-log.js";

const root = mkdtempSync(join(tmpdir(), "attune-events-"));
after(() => rmSync(root, { recursive: true }));
const fresh = (): string => mkdtempSync(join(root, "run-"));

const start: Undated = {
  type: "start",
  step: 0,
  totalSteps: 90,
  stepsPerEpoch: 30,
  experiment: { name: "é\n\u2028" },
  facts: {},
};
const stepAt = (step: number): Undated => ({
  type: "step",
  step,
  epoch: step / 30,
  loss: 1.5,
  losses: { emotion: 1, pad: 0.05 },
  learningRate: { encoder: 1e-4, heads: 1e-3 },
  gradientNorm: 2,
  examplesPerSecond: 90,
  tokensPerSecond: 2000,
});

function write(folder: string, resumedStep: number, events: Undated[]): void {
  const log = new EventLog(folder, resumedStep);
  for (const event of events) log.append(event);
  log.close();
}

const steps = (folder: string) => readEvents(folder).events.map((event) => `${event.type} ${event.step}`);

describe("event log", () => {
  test("what is read is what was appended, with its time", () => {
    const folder = fresh();
    const events: Undated[] = [
      start,
      stepAt(10),
      { type: "evaluation", step: 10, figures: { "emotion.macroF1": 0.5 }, best: true },
      { type: "checkpoint", step: 10, path: "step-000010.ckpt", milliseconds: 12 },
      { type: "error", step: 12, code: "DISK_FULL", message: "no space" },
      { type: "end", step: 12, reason: "interrupted", seconds: 3 },
    ];
    const before = Date.now();
    write(folder, 0, events);
    const read = readEvents(folder);
    assert.deepEqual(read.bad, []);
    assert.deepEqual(
      read.events.map(({ at, ...event }) => event),
      events,
    );
    assert.ok(read.events.every(({ at }) => at >= before && at <= Date.now()));
  });

  test("a resumed run drops what comes after its checkpoint and what a kill cut off", () => {
    const folder = fresh();
    write(folder, 0, [start, stepAt(10), stepAt(20), stepAt(30)]);
    appendFileSync(eventLogPath(folder), '{"type":"step","at":1,"st');
    write(folder, 20, [{ ...start, step: 20 } as Undated, stepAt(30)]);
    assert.deepEqual(steps(folder), ["start 0", "step 10", "step 20", "start 20", "step 30"]);
    assert.deepEqual(readEvents(folder).bad, []);
  });

  test("a new run in the same folder begins a new log", () => {
    const folder = fresh();
    write(folder, 0, [start, stepAt(10)]);
    write(folder, 0, [start]);
    assert.deepEqual(steps(folder), ["start 0"]);
  });

  test("lines that are no events are listed with their numbers, the rest is read", () => {
    const folder = fresh();
    write(folder, 0, [start, stepAt(40)]);
    appendFileSync(
      eventLogPath(folder),
      'rubbish\n{"type":"dance","step":1}\n{"type":"end","at":1,"step":-1,"reason":"finished","seconds":1}\n{"type"',
    );
    const { events, bad } = readEvents(folder);
    assert.equal(events.length, 2);
    assert.deepEqual(
      bad.map((one) => one.line),
      [3, 4, 5, 6],
    );
    assert.match(bad[0]?.reason ?? "", /expected JSON/);
    assert.match(bad[2]?.reason ?? "", /step/);
    assert.match(bad[3]?.reason ?? "", /cut off/);
    write(folder, 500, [stepAt(50)]);
    assert.deepEqual(steps(folder), ["start 0", "step 40", "step 50"]);
  });

  test("numbers JSON does not have are refused and leave no line", () => {
    const folder = fresh();
    const log = new EventLog(folder, 0);
    assert.throws(() => log.append({ ...stepAt(1), loss: Number.NaN } as Undated), AppError);
    log.close();
    assert.equal(readFileSync(eventLogPath(folder), "utf8"), "");
  });

  test("a folder without a log has no events; one that is not there cannot be written", () => {
    assert.deepEqual(readEvents(join(root, "none")), { events: [], bad: [] });
    assert.throws(() => new EventLog(join(root, "none"), 0), AppError);
  });
});
