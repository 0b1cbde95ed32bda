/** @file The programs in the documentation are run and held to the code. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import * as graph from "attune/graph";
import * as runtime from "attune/runtime";

const root = join(dirname(fileURLToPath(import.meta.url)), "..", "..");
const document = readFileSync(join(root, "docs", "graph.md"), "utf8");
const example = readFileSync(join(root, "docs", "examples", "mlp.ts"), "utf8");

describe("docs/graph.md", () => {
  test("shows the example as it stands, in under 40 lines", () => {
    assert.ok(
      document.includes(`\`\`\`ts\n${example}\`\`\``),
      "copy docs/examples/mlp.ts into docs/graph.md",
    );
    assert.ok(example.trimEnd().split("\n").length < 40);
  });

  test("shows what the example prints: it has learned", async () => {
    const { stdout } = await promisify(execFile)(process.execPath, [
      join(root, "dist", "docs", "examples", "mlp.js"),
    ]);
    const right = Number(/^(\d+) of 200 unseen points right$/m.exec(stdout)?.[1]);
    assert.ok(right >= 180, stdout);
    assert.match(document, /\d+ of 200 unseen points right/);
  });

  test("explains every export of both entries", () => {
    for (const name of [...Object.keys(graph), ...Object.keys(runtime)])
      assert.ok(document.includes(`\`${name}\``), `docs/graph.md says nothing of ${name}`);
  });

  test("explains every exported type", () => {
    const index = readFileSync(join(root, "src", "graph", "index.ts"), "utf8");
    const types = [...index.matchAll(/export (?:type )?\{([^}]*)\}/g)].flatMap(([, list = ""]) =>
      list.split(","),
    );
    const names = types.map((name) => name.replace(/\btype\b/, "").trim()).filter(Boolean);
    assert.ok(names.length > 10);
    for (const name of names)
      assert.ok(document.includes(`\`${name}\``), `docs/graph.md says nothing of ${name}`);
  });
});

describe("docs/readiness-and-intervention.md", () => {
  const page = readFileSync(join(root, "docs", "readiness-and-intervention.md"), "utf8");
  const program = readFileSync(join(root, "docs", "examples", "session.ts"), "utf8");

  test("shows the program of a platform as it stands", () => {
    assert.ok(page.includes(`\`\`\`ts\n${program}\`\`\``), "copy docs/examples/session.ts into the page");
  });

  const missing = existsSync(join(root, "models", "attune-readiness", "model.json"))
    ? false
    : "models/attune-readiness is not there: attune train experiments/readiness.json";
  test("shows what the program prints: every message answered, nothing left behind", {
    skip: missing,
  }, async () => {
    const { stdout } = await promisify(execFile)(process.execPath, [
      join(root, "dist", "docs", "examples", "session.js"),
    ]);
    const answered =
      /^[ \d]\d min {2}.+\n +[a-z_]+, [a-z-]+; readiness 0\.\d\d\n +next step right: 0\.\d\d \(expected\)\n +\S.+$/gm;
    assert.equal(stdout.match(answered)?.length, 6, stdout);
    assert.equal(page.match(answered)?.length, 6, "copy what it prints into the page");
    assert.match(stdout, /^6 moments kept, 6 forgotten$/m);
  });
});
