import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { writeInterventionModel } from "../../test/fixtures/intervention-model.js";
import { countFeatures } from "../policy/features.js";

const root = mkdtempSync(join(tmpdir(), "attune-outcomes-cli-"));
after(() => rmSync(root, { recursive: true, force: true }));

const entry = fileURLToPath(new URL("../../../bin/attune.js", import.meta.url));

function attune(...args: readonly string[]): { code: number | null; out: string; err: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [entry, ...args], { encoding: "utf8" });
  return { code: status, out: stdout, err: stderr };
}

const features = Array.from({ length: countFeatures(2) }, (_, i) => (i % 3 === 0 ? null : i / 10));
const row = (i: number, more: object = {}): string =>
  JSON.stringify({
    learnerId: `l${i % 40}`,
    at: i,
    features,
    level: i % 6,
    propensity: 1 / 6,
    outcome: i % 5,
    ...more,
  });

describe("attune outcomes", () => {
  test("keeps what is sound, tells every other line by number, field and remedy, and ends with 2", () => {
    const file = join(root, "log.jsonl");
    const states = join(root, "states.jsonl");
    const folder = join(root, "kept");
    writeFileSync(states, `${JSON.stringify({ stateRef: "s1", features })}\n`);
    writeFileSync(
      file,
      [
        row(0),
        row(1, { propensity: 0 }),
        "",
        row(0),
        row(2, { features: undefined, stateRef: "s1" }),
        "{",
        row(3),
      ].join("\n"),
    );
    const { code, out, err } = attune("outcomes", "import", file, "--to", folder, "--states", states);
    assert.equal(code, 2, err);
    assert.equal(out, `${folder}: 3 added, 1 there already, 2 refused\n`);
    const [first, second, ...rest] = err.trim().split("\n");
    assert.match(
      first ?? "",
      /log\.jsonl:2: propensity: expected a number above 0 and at most 1, got 0; log the prob/,
    );
    assert.match(second ?? "", /log\.jsonl:6: expected a JSON object/);
    assert.deepEqual(rest, []);
    const again = attune("outcomes", "import", file, "--to", folder);
    assert.match(again.err, /log\.jsonl:5: stateRef: expected a known state, got "s1"/);
    const none = attune("outcomes", "import", join(root, "none.jsonl"), "--to", folder);
    assert.equal(none.code, 3);
    assert.match(none.err, /error DATA_NOT_FOUND/);
  });

  test("judges an intervention model by what was logged", async () => {
    const model = join(root, "model");
    await writeInterventionModel(model, 2);
    const file = join(root, "whole.jsonl");
    const folder = join(root, "judged");
    writeFileSync(file, Array.from({ length: 240 }, (_, i) => row(i)).join("\n"));
    assert.equal(attune("outcomes", "import", file, "--to", folder).code, 0);
    const { code, out, err } = attune("outcomes", "report", folder, "--model", model);
    assert.equal(code, 0, err);
    assert.match(out, /^240 rows of 40 learners/);
    assert.match(out, /doubly robust/);
    assert.match(err, /Guards that look at a learner's moments are left out/);
    const empty = attune("outcomes", "report", join(root, "nothing"), "--model", model);
    assert.equal(empty.code, 3);
  });
});
