/** The parameter table: complete, refused when wrong, bent where it is assumed and nowhere else. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { AppError } from "../base/errors.js";
import { buildModel } from "./model.js";
import type { Parameter } from "./parameter.js";
import { scaleAssumptions } from "./parameter.js";
import { renderParameterTable } from "./parameter-table.js";
import { defaultParameters } from "./parameters.js";

const at = (name: string, table = defaultParameters): Parameter => {
  const parameter = table[name];
  assert.ok(parameter !== undefined, name);
  return parameter;
};

const isConfigError = (part: string) => (error: unknown) =>
  error instanceof AppError && error.code === "CONFIG_INVALID" && error.message.includes(part);

describe("parameters", () => {
  test("every number has a note, every sourced one a source", () => {
    for (const [name, { kind, source, note }] of Object.entries(defaultParameters)) {
      assert.ok(note.length > 5, name);
      if (kind === "sourced") assert.match(source, /\d{4}/, name);
    }
  });

  test("only assumptions are scaled: probabilities in their odds, counts to whole numbers, the rest plainly", () => {
    const doubled = scaleAssumptions(defaultParameters, 2);
    assert.equal(at("knowledge.slip", doubled).value, 0.1);
    assert.equal(at("knowledge.guess", doubled).value, 1 / 3);
    assert.equal(at("behavior.seconds", doubled).value, 60);
    assert.equal(at("affect.dropoutRate", doubled).value, 0.004);
    assert.equal(at("knowledge.skills", scaleAssumptions(defaultParameters, 0.5)).value, 3);
  });

  test("a part of the assumptions is scaled by the beginning of the name", () => {
    const bent = scaleAssumptions(defaultParameters, 2, ["affect.halfLife.", "support.carry"]);
    const changed = Object.keys(bent).filter((name) => bent[name]?.value !== at(name).value);
    assert.deepEqual(changed, [
      ...["engagement", "confusion", "frustration", "boredom", "delight"].map(
        (state) => `affect.halfLife.${state}`,
      ),
      "support.carry",
    ]);
    assert.throws(
      () => scaleAssumptions(defaultParameters, 2, ["knowledge.slip"]),
      isConfigError("knowledge.slip"),
    );
    assert.throws(() => scaleAssumptions(defaultParameters, 0), isConfigError("above 0"));
  });

  test("a table with a name too many, too few or out of range is refused; every name is therefore read", () => {
    buildModel(defaultParameters);
    const { "support.carry": carry, ...without } = defaultParameters;
    assert.throws(() => buildModel(without), isConfigError("support.carry"));
    assert.throws(
      () => buildModel({ ...defaultParameters, "suport.carry": carry as Parameter }),
      isConfigError("suport.carry"),
    );
    const bad = (value: number) => ({
      ...defaultParameters,
      "support.carry": { ...at("support.carry"), value },
    });
    for (const value of [Number.NaN, 1, -0.1])
      assert.throws(() => buildModel(bad(value)), isConfigError("support.carry"));
  });

  test("docs/simulator.md shows the table as it is, and names every source", () => {
    const page = readFileSync(join(import.meta.dirname, "..", "..", "..", "docs", "simulator.md"), "utf8");
    assert.ok(
      page.includes(renderParameterTable(defaultParameters)),
      "run node scripts/simulator-table.mjs after a build",
    );
    const references = page.slice(page.indexOf("## Sources"));
    const cited = new Set(
      Object.values(defaultParameters).flatMap(({ source }) => (source ? source.split("; ") : [])),
    );
    for (const source of cited) assert.ok(references.includes(`**${source}**`), source);
  });
});
