/** What the shipped model calls unfamiliar: other languages and mash, and hardly any of a learner's own words. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { Random } from "../src/base/random.js";
import { loadCorpus } from "../src/data/corpora.js";
import { packageFolder } from "../src/data/folders.js";
import { EmotionEngine } from "../src/engine/engine.js";
import { locateModel } from "../src/engine/location.js";
import { parseManifest } from "../src/model/folder/manifest.js";
import { Familiarity } from "../src/text/familiarity.js";

const path = join(locateModel(undefined), "model.json");
const { familiarity } = parseManifest(JSON.parse(readFileSync(path, "utf8")), path).calibration.uncertainty;
assert.ok(familiarity, "the shipped model has a limit of familiarity");
const { maxSurprise, table } = familiarity;
const reader = new Familiarity(table);

/** Share of texts above the limit. */
const shareUnfamiliar = (texts: readonly string[]): number =>
  texts.filter((text) => reader.measureSurprise(text) > maxSurprise).length / texts.length;

/** Random keys of one row of a keyboard, or of all. */
function mash(random: Random): string {
  const keys = ["qwertyuiop", "asdfghjkl", "zxcvbnm", "abcdefghijklmnopqrstuvwxyz"][
    random.below(4)
  ] as string;
  const word = (): string =>
    Array.from({ length: 4 + random.below(8) }, () => keys[random.below(keys.length)]).join("");
  return Array.from({ length: 1 + random.below(4) }, word).join(" ");
}

describe("the shipped model's limit of familiarity", () => {
  test("is passed by nearly every sentence of other languages", () => {
    const rows = readFileSync(join(packageFolder, "evaluation/familiarity/other-languages.tsv"), "utf8");
    const texts = rows
      .trim()
      .split("\n")
      .slice(1)
      .map((row) => row.split("\t")[1] as string);
    assert.ok(texts.length >= 240);
    assert.ok(shareUnfamiliar(texts) > 0.95);
  });

  test("is passed by nearly all mash", () => {
    const random = Random.seeded(20, "mash");
    assert.ok(shareUnfamiliar(Array.from({ length: 300 }, () => mash(random))) > 0.97);
  });

  test("makes the engine doubt what it would else be sure of", async () => {
    const engine = await EmotionEngine.load({ threads: 1 });
    try {
      const [russian, english] = await engine.analyze(["Книга лежит на столе", "The book is on the table"]);
      assert.equal(russian?.uncertain, "unfamiliar_text");
      assert.notEqual(english?.uncertain, "unfamiliar_text");
    } finally {
      await engine.close();
    }
  });

  test("is passed by one learner in fifty at most", async () => {
    const { examples } = await loadCorpus("learner");
    const texts = examples.filter(({ split }) => split === "test").map(({ text }) => text);
    assert.ok(shareUnfamiliar(texts) < 0.02);
  });
});
