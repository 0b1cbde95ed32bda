/** Holds the house in shape: which room may look into which, no cycles, no sprawling files, one door to ONNX Runtime. */
import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, posix } from "node:path";
import { describe, test } from "node:test";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..", "..");

/** Rooms of `src/` and the rooms each may import from, besides itself. A room that is not here is not allowed. */
const mayImport: Readonly<Record<string, readonly string[]>> = {
  base: [],
  emotion: ["base"],
  text: ["base"],
  graph: ["base"],
  runtime: ["base", "graph"],
  model: ["base", "graph"],
  calibration: ["base"],
  behavior: ["base"],
  history: ["base", "emotion", "behavior"],
  simulation: ["base", "emotion", "behavior", "history"],
  trajectory: ["base", "emotion", "history", "metrics"],
  readiness: ["base", "emotion", "behavior", "history", "graph", "model", "calibration", "runtime"],
  policy: ["base", "emotion", "behavior", "history", "readiness", "graph", "model", "calibration", "runtime"],
  "simulation-lab": ["base", "emotion", "history", "metrics", "simulation", "readiness", "policy"],
  learner: ["base", "emotion", "behavior", "history", "trajectory", "model", "readiness", "policy"],
  engine: [
    "base",
    "emotion",
    "text",
    "graph",
    "runtime",
    "model",
    "calibration",
    "history",
    "readiness",
    "policy",
    "learner",
  ],
  data: ["base", "emotion", "text"],
  metrics: ["base", "calibration"],
  // `emotion` for the labels a model carries, `text` to tokenize as serving does.
  training: [
    "base",
    "emotion",
    "text",
    "data",
    "model",
    "graph",
    "runtime",
    "calibration",
    "metrics",
    "behavior",
    "history",
    "simulation",
    "readiness",
    "policy",
    "simulation-lab",
    "engine",
  ],
  evaluation: [
    "base",
    "data",
    "emotion",
    "engine",
    "calibration",
    "metrics",
    "trajectory",
    "simulation",
    "policy",
    "behavior",
    "history",
    "readiness",
    "simulation-lab",
  ],
  cli: [
    "base",
    "emotion",
    "text",
    "graph",
    "runtime",
    "model",
    "calibration",
    "behavior",
    "history",
    "simulation",
    "readiness",
    "policy",
    "simulation-lab",
    "engine",
    "data",
    "metrics",
    "training",
    "evaluation",
    "history",
    "trajectory",
  ],
  // The public surface: src/index.ts.
  index: [
    "base",
    "emotion",
    "text",
    "behavior",
    "history",
    "trajectory",
    "readiness",
    "policy",
    "learner",
    "engine",
  ],
};

const maxLines = 300;

/** Files that are data in the shape of code. */
const dataTables = ["src/emotion/taxonomy.ts"];

const toPosix = (path: string): string => path.split("\\").join("/");

/** Source files, tests left out: these may look anywhere. */
const files = readdirSync(join(root, "src"), { recursive: true, encoding: "utf8" })
  .map((path) => `src/${toPosix(path)}`)
  .filter((path) => path.endsWith(".ts") && !path.endsWith(".test.ts"))
  .sort();

const sourceOf = (path: string): string => readFileSync(join(root, path), "utf8");

const roomOf = (path: string): string => (path.split("/")[1] as string).replace(/\.ts$/, "");

/** What a file imports, exports from or loads later: types too. */
function listImports(path: string): string[] {
  const code = sourceOf(path).replace(/^\s*(\/\/|\*|\/\*).*$/gm, "");
  const pattern =
    /(?:\bfrom\s+|\bimport\s*\(\s*|^\s*import\s+)["']([^"']+)["']|\bnew URL\(\s*["'](\.[^"']*\.js)["']/gm;
  return [...code.matchAll(pattern)].map((match) => (match[1] ?? match[2]) as string);
}

/** The source files a file imports. */
function listNeighbours(path: string): string[] {
  return listImports(path)
    .filter((target) => target.startsWith("."))
    .map((target) => posix.join(posix.dirname(path), target).replace(/\.js$/, ".ts"));
}

/** The first cycle found from any file, as a path; loaded-later imports count as well. */
function findCycle(edges: ReadonlyMap<string, readonly string[]>): string[] | undefined {
  const done = new Set<string>();
  const walk = (file: string, trail: readonly string[]): string[] | undefined => {
    const seen = trail.indexOf(file);
    if (seen >= 0) return [...trail.slice(seen), file];
    if (done.has(file)) return undefined;
    for (const next of edges.get(file) ?? []) {
      const cycle = walk(next, [...trail, file]);
      if (cycle !== undefined) return cycle;
    }
    done.add(file);
    return undefined;
  };
  for (const file of edges.keys()) {
    const cycle = walk(file, []);
    if (cycle !== undefined) return cycle;
  }
  return undefined;
}

describe("architecture", () => {
  test("the files are found, and every import leads to one of them", () => {
    assert.ok(files.length > 30, `${files.length} files`);
    for (const file of files) {
      for (const target of listNeighbours(file)) {
        assert.ok(existsSync(join(root, target)), `${file} imports ${target}, which is not there`);
      }
    }
  });

  test("rooms look inward only", () => {
    const breaches: string[] = [];
    for (const file of files) {
      const room = roomOf(file);
      const allowed = mayImport[room];
      if (allowed === undefined) {
        breaches.push(
          `${file}: ${room} is no room of the house; add it to the table with what it may import`,
        );
        continue;
      }
      for (const target of listNeighbours(file)) {
        const other = target.startsWith("src/") ? roomOf(target) : target;
        if (other !== room && !allowed.includes(other)) breaches.push(`${file} may not import ${target}`);
      }
    }
    assert.deepEqual(breaches, []);
  });

  test("there is no import cycle, type-only ones included", () => {
    assert.equal(
      findCycle(new Map(files.map((file) => [file, listNeighbours(file)])))?.join(" → "),
      undefined,
    );
    assert.deepEqual(
      findCycle(
        new Map([
          ["a", ["b"]],
          ["b", ["c"]],
          ["c", ["b"]],
        ]),
      ),
      ["b", "c", "b"],
    );
  });

  test(`no file has more than ${maxLines} lines, data tables excepted`, () => {
    const long = files
      .filter((file) => !dataTables.includes(file))
      .map((file) => [file, sourceOf(file).trimEnd().split("\n").length] as const)
      .filter(([, lines]) => lines > maxLines);
    assert.deepEqual(long, []);
  });

  test("only src/runtime knows onnxruntime-node", () => {
    const knowing = files.filter((file) => listImports(file).some((name) => name.startsWith("onnxruntime")));
    assert.deepEqual(
      knowing.filter((file) => roomOf(file) !== "runtime"),
      [],
    );
    assert.ok(knowing.length > 0);
  });

  test("every file opens with one sentence on why it exists, and is named by a noun of its own", () => {
    const unnamed = files.filter((file) => !/^(#!.*\n)?\/\*\*\s*(\*\s*)?@file\s+\S/.test(sourceOf(file)));
    assert.deepEqual(unnamed, []);
    const vague = files.filter((file) => /(^|\/)(utils?|helpers?|common|manager|misc)(\/|\.ts|-)/.test(file));
    assert.deepEqual(vague, []);
    const odd = files.filter((file) => !/^[a-z0-9/.-]+$/.test(file));
    assert.deepEqual(odd, []);
  });
});
