import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { makeScratchFolder } from "../../test/scratch-folder.js";
import { sources } from "../data/sources.js";

const bin = fileURLToPath(new URL("../../../bin/attune.js", import.meta.url));
const run = (...args: readonly string[]): { status: number | null; stdout: string; stderr: string } =>
  spawnSync(process.execPath, [bin, "fetch", ...args], { encoding: "utf8", timeout: 20_000 });

describe("attune fetch", () => {
  test("says what there is, with size and licence", () => {
    const { status, stdout } = run("--help");
    assert.equal(status, 0);
    for (const [name, { licence }] of Object.entries(sources)) {
      assert.match(stdout, new RegExp(`${name} +[\\d.]+ MB .+${licence}`));
    }
  });

  test("refuses a name it does not know and a home that is none", () => {
    assert.deepEqual([run("imdb").status, run().status], [2, 2]);
    assert.match(run("imdb").stderr, /^error USAGE: fetch: expected goemotions, .+ got imdb;/);
    assert.match(run("emobank", "--home", "nowhere").stderr, /USAGE/);
    assert.match(run("emobank", "minilm", "--home", "http://127.0.0.1/").stderr, /USAGE/);
  });

  test("refuses to import what is missing or another file", async () => {
    const from = makeScratchFolder("from");
    const to = join(from, "to");
    assert.match(
      run("emobank", "--from", from, "--to", to).stderr,
      /error DATA_NOT_FOUND: fetch: expected emobank\.csv/,
    );
    await writeFile(join(from, "emobank.csv"), "id,split,V,A,D,text\n");
    const { status, stderr } = run("emobank", "--from", from, "--to", to);
    assert.equal(status, 3);
    assert.match(stderr, /error FETCH_HASH: /);
    assert.equal(existsSync(join(to, "emobank", "emobank.csv")), false);
  });

  const real = join(process.env.ATTUNE_DATA ?? "/nowhere", "goemotions");
  test("imports the published GoEmotions", {
    skip: existsSync(real) ? false : "no goemotions in ATTUNE_DATA",
  }, async () => {
    const to = makeScratchFolder("to");
    const { status, stdout } = run("goemotions", "--from", real, "--to", to);
    assert.equal(status, 0);
    assert.match(stdout, /^goemotions: 4 imported in .+goemotions \(CC BY 4\.0\)\n$/);
    assert.match(run("goemotions", "--from", real, "--to", to).stdout, /^goemotions: 4 present/);
  });
});
