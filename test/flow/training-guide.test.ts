/** Holds the table of an experiment's fields in the documentation against what the code does. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, test } from "node:test";
import { parseExperiment } from "../../src/training/experiment.js";

const guide = readFileSync(new URL("../../../docs/training.md", import.meta.url), "utf8");

/** Fields of the table below a heading line, with what stands as their default. */
function readTable(before: string): Map<string, string> {
  const rest = guide.slice(guide.indexOf(before));
  const table = rest.slice(rest.indexOf("|---|---|---|\n")).split("\n\n")[0] ?? "";
  return new Map(
    table.split("\n").flatMap((line) => {
      const [, field, value] = /^\| `([\w.]+)` \| (.+?) \| /.exec(line) ?? [];
      return field === undefined || value === undefined ? [] : [[field, value]];
    }),
  );
}

const required = { name: "x", base: "minilm", corpora: [{ name: "learner" }], epochs: 1 };

/** Paths of all fields; those in `whole` are not looked into. */
function listPaths(value: object, whole: readonly string[], above = ""): string[] {
  return Object.entries(value).flatMap(([key, inner]) => {
    const path = `${above}${key}`;
    const nested =
      typeof inner === "object" && inner !== null && !Array.isArray(inner) && !whole.includes(path);
    return nested ? listPaths(inner, whole, `${path}.`) : [path];
  });
}

const valueAt = (value: unknown, path: string): unknown =>
  path.split(".").reduce((inner, key) => (inner as Record<string, unknown>)[key], value);

function holdDefaults(table: ReadonlyMap<string, string>, value: object): void {
  for (const [path, cell] of table) {
    const [, json] = /^`(.*)`$/.exec(cell) ?? [];
    if (json !== undefined) assert.deepEqual(valueAt(value, path), JSON.parse(json), path);
  }
}

describe("docs/training.md", () => {
  test("names every field of an experiment with its default, and none that is not", () => {
    const table = readTable("## The experiment");
    const experiment = parseExperiment(required, "test");
    const absent = [...table].flatMap(([field, cell]) => (cell === "–" ? [field] : []));
    for (const field of absent) parseExperiment({ ...required, [field]: "runs/x" }, "test");
    assert.deepEqual(
      [...table.keys()].sort(),
      [...listPaths(experiment, [...table.keys()]), ...absent].sort(),
    );
    holdDefaults(table, experiment);
    for (const [field, cell] of table) {
      if (cell !== "required") continue;
      const { [field]: _, ...others } = required as Record<string, unknown>;
      assert.throws(() => parseExperiment(others, "test"), { code: "CONFIG_INVALID" }, field);
    }
  });

  test("names the fields of a corpus", () => {
    const table = readTable("A corpus:");
    assert.deepEqual([...table.keys()], ["name", "weight", "share", "path", "columns"]);
    holdDefaults(table, parseExperiment(required, "test").corpora[0] ?? {});
    const corpora = [{ name: "feedback", path: "x.csv", columns: { emotion: "e" }, weight: 3, share: 0.5 }];
    parseExperiment({ ...required, corpora }, "test");
  });

  test("shows experiments that are ones", () => {
    const blocks = [...guide.matchAll(/```json\n(.*?)```/gs)].map(([, json]) => JSON.parse(json ?? ""));
    assert.equal(blocks.length, 3);
    for (const block of blocks) parseExperiment(block, "docs/training.md");
  });
});
