import assert from "node:assert/strict";
import { appendFileSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import fc from "fast-check";
import { type FollowingStep, measureOutcome, outcomeMeasureSchema } from "./observed-outcome.js";
import { fromLogged, parseOutcomeLine, parseStateLine, toLogged } from "./outcome.js";
import { importOutcomes, type NumberedLine, outcomesFile, readOutcomes } from "./outcome-folder.js";

const root = mkdtempSync(join(tmpdir(), "attune-outcomes-"));
after(() => rmSync(root, { recursive: true, force: true }));

const row = { learnerId: "a", at: 1000, features: [1, null, 0.5], level: 2, propensity: 0.25, outcome: 3.5 };

function issueOf(change: object): string {
  const parsed = parseOutcomeLine(JSON.stringify({ ...row, ...change }));
  assert.ok(!parsed.ok, JSON.stringify(change));
  return parsed.issue;
}

async function* numbered(rows: readonly unknown[]): AsyncGenerator<NumberedLine> {
  let line = 0;
  for (const one of rows) yield { line: ++line, parsed: parseOutcomeLine(JSON.stringify(one)) };
}

describe("a logged outcome", () => {
  test("is read with its features, or with those of the state it names", () => {
    assert.deepEqual(parseOutcomeLine(JSON.stringify(row)), { ok: true, value: row });
    const { features, ...rest } = row;
    const line = JSON.stringify({ ...rest, stateRef: "s1" });
    assert.deepEqual(parseOutcomeLine(line, new Map([["s1", features]])), { ok: true, value: row });
    const unknown = parseOutcomeLine(line);
    assert.ok(!unknown.ok);
    assert.equal(
      unknown.issue,
      'stateRef: expected a known state, got "s1"; name a state given by --states, or log the features themselves',
    );
    assert.deepEqual(parseStateLine('{"stateRef":"s1","features":[1,null]}'), {
      ok: true,
      value: { stateRef: "s1", features: [1, null] },
    });
  });

  test("is refused by field, with what was found and what to do", () => {
    for (const propensity of [0, -0.1, 1.5, null, "0.5", undefined]) {
      assert.match(
        issueOf({ propensity }),
        /^propensity: expected a number above 0 and at most 1, got .+; log the probability with which/,
      );
    }
    assert.match(issueOf({ level: 6 }), /^level: expected a whole number from 0 to 5, got 6; log the level/);
    assert.match(
      issueOf({ outcome: null }),
      /^outcome: expected a finite number, got null; leave the row out/,
    );
    assert.match(issueOf({ at: -1 }), /^at: expected whole milliseconds since 1970, got -1;/);
    assert.match(issueOf({ learnerId: "" }), /^learnerId: expected 1 to 256 characters/);
    assert.match(issueOf({ features: ["x"] }), /^features\[0\]: expected finite numbers/);
    assert.match(issueOf({ features: undefined }), /^features: expected features or a stateRef, one of them/);
    assert.match(issueOf({ stateRef: "s" }), /^features: expected features or a stateRef, one of them/);
    assert.match(issueOf({ propensty: 1 }), /propensty: unknown key, did you mean propensity\?/);
    const broken = parseOutcomeLine("{");
    assert.ok(!broken.ok && /^expected a JSON object, got .+; write one object a line$/.test(broken.issue));
  });

  test("features survive being logged", () => {
    fc.assert(
      fc.property(fc.array(fc.option(fc.float({ noNaN: true, noDefaultInfinity: true }))), (logged) => {
        assert.deepEqual(toLogged(fromLogged(logged)), logged);
      }),
    );
  });
});

describe("the folder of outcomes", () => {
  test("keeps each row once, whatever is bad beside it, over several imports", async () => {
    const folder = join(root, "once");
    const first = await importOutcomes(
      folder,
      numbered([
        row,
        { ...row, propensity: 0 },
        { ...row, at: 2000 },
        row,
        { ...row, outcome: 9 },
        { ...row, at: 3, features: [1] },
      ]),
    );
    assert.equal(first.added, 2);
    assert.equal(first.duplicates, 1);
    assert.deepEqual(
      first.refused.map(({ line }) => line),
      [2, 5, 6],
    );
    assert.match(first.refused[1]?.issue ?? "", /^at: expected one decision for a learner at a time/);
    assert.match(first.refused[2]?.issue ?? "", /^features: expected 3, as the rows before have, got 1/);
    const again = await importOutcomes(folder, numbered([row, { ...row, learnerId: "b" }]));
    assert.deepEqual(again, { added: 1, duplicates: 1, refused: [] });
    assert.deepEqual(await readOutcomes(folder), [row, { ...row, at: 2000 }, { ...row, learnerId: "b" }]);
  });

  test("says where it is empty or damaged, and adds nothing to what is damaged", async () => {
    await assert.rejects(readOutcomes(join(root, "nowhere")), { code: "DATA_NOT_FOUND" });
    const folder = join(root, "damaged");
    await importOutcomes(folder, numbered([row]));
    appendFileSync(join(folder, outcomesFile), '{"learnerId":\n');
    await assert.rejects(readOutcomes(folder), {
      code: "DATA_INVALID",
      message: /outcomes\.jsonl:2: expected a JSON/,
    });
    const before = readFileSync(join(folder, outcomesFile), "utf8");
    await assert.rejects(importOutcomes(folder, numbered([{ ...row, at: 5 }])), { code: "DATA_INVALID" });
    assert.equal(readFileSync(join(folder, outcomesFile), "utf8"), before);
  });
});

describe("measureOutcome", () => {
  const measure = outcomeMeasureSchema.parse({ horizon: 3, assisted: 1, minutePrice: 0.1, dropoutPrice: 2 });
  const right = (more: Partial<FollowingStep> = {}): FollowingStep => ({
    correct: true,
    minutes: 1,
    ...more,
  });

  test("counts right answers after the assisted one, by difficulty, less time and giving up", () => {
    assert.ok(Math.abs((measureOutcome([right(), right(), right()], measure) ?? 0) - (2 - 0.3)) < 1e-12);
    const hard = [right(), right({ difficulty: 1 }), right({ correct: false, minutes: 5 })];
    assert.ok(Math.abs((measureOutcome(hard, measure) ?? 0) - (1.5 - 0.7)) < 1e-12);
    const gone = [right(), right({ dropped: true, correct: false })];
    assert.ok(Math.abs((measureOutcome(gone, measure) ?? 0) - (-0.2 - 2)) < 1e-12);
  });

  test("says nothing of a session that ended early without being given up", () => {
    assert.equal(measureOutcome([right(), right()], measure), undefined);
    assert.equal(measureOutcome([], measure), undefined);
  });
});
