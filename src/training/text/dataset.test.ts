import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import type { Example } from "../../data/example.js";
import { Tokenizer } from "../../text/tokenizer.js";
import { buildVocabulary } from "../../text/vocabulary.js";
import { parseExperiment } from "../experiment.js";
import {
  type Dataset,
  hasLabel,
  layBatch,
  loadDataset,
  loadTrainingTexts,
  measureLabelShares,
  tokenizeAll,
} from "./dataset.js";

const folder = mkdtempSync(join(tmpdir(), "attune-dataset-"));
after(() => rmSync(folder, { recursive: true, force: true }));

const experiment = (corpora: unknown[], changes: Record<string, unknown> = {}) =>
  parseExperiment({ name: "x", base: "minilm", corpora, epochs: 1, ...changes }, "test");

/** A file of its own with so many rows of each split, and a row that is none. */
function writeOwn(name: string, train: number, validation: number, test = 1): string {
  const path = join(folder, name);
  const rows = ["train", "validation", "test"].flatMap((split, s) =>
    Array.from(
      { length: [train, validation, test][s] as number },
      (_, i) => `${split} ${name} ${i},joy,${split}`,
    ),
  );
  writeFileSync(path, ["words,label,part", ...rows, "odd,happiness,train"].join("\n"));
  return path;
}

const columns = { text: "words", emotion: "label", split: "part" };

describe("the rows of a run", () => {
  test("come from every corpus with its weight; test rows are not held, bad ones are told", async () => {
    const corpora = [
      { name: "one", path: writeOwn("one.csv", 4, 2), columns, weight: 2.5 },
      { name: "two", path: writeOwn("two.csv", 3, 1), columns },
    ];
    const dataset = await loadDataset(experiment(corpora));
    assert.deepEqual([...dataset.weights], [2.5, 2.5, 2.5, 2.5, 1, 1, 1]);
    assert.equal(dataset.train.length, 7);
    assert.equal(dataset.validation.length, 3);
    assert.ok([...dataset.train, ...dataset.validation].every(({ text }) => !text.startsWith("test")));
    assert.deepEqual(
      dataset.corpora.map(({ trainRows, validationRows, badRows }) => [
        trainRows,
        validationRows,
        badRows.length,
      ]),
      [
        [4, 2, 1],
        [3, 1, 1],
      ],
    );
    assert.equal(dataset.corpora[0]?.badRows[0]?.line, 9);
    assert.match(dataset.corpora[0]?.sha256 ?? "", /^[0-9a-f]{64}$/);
  });

  test("rows without a label are kept where a teacher answers, and for asking it", async () => {
    const plain = {
      name: "plain",
      path: writeOwn("plain.csv", 5, 2),
      columns: { text: "words", split: "part" },
    };
    const corpora = [{ name: "told", path: writeOwn("told.csv", 4, 2), columns }, plain];
    const taught = await loadDataset(experiment(corpora, { distillation: { labels: "soft" } }));
    assert.equal(taught.train.length, 4 + 6); // the odd row's label is not looked at
    assert.equal(taught.validation.length, 2);
    await assert.rejects(loadDataset(experiment(corpora)), {
      code: "CONFIG_INVALID",
      message: /at least one label/,
    });
    const asked = await loadTrainingTexts(experiment(corpora));
    assert.deepEqual(
      asked.map(({ name, texts }) => [name, texts.length]),
      [
        ["told", 4],
        ["plain", 6],
      ],
    );
  });

  test("a share is drawn from the seed", async () => {
    const corpora = [{ name: "many", path: writeOwn("many.csv", 200, 50), columns, share: 0.3 }];
    const ids = async (seed: number) =>
      (await loadDataset(experiment(corpora, { seed }))).train.map(({ id }) => id);
    const first = await ids(1);
    assert.ok(first.length > 40 && first.length < 80, `${first.length} of 200`);
    assert.deepEqual(await ids(1), first);
    assert.notDeepEqual(await ids(2), first);
  });

  test("a known corpus is read from the folder of its path", async () => {
    const home = join(folder, "elsewhere");
    mkdirSync(home);
    writeFileSync(
      join(home, "emobank.csv"),
      "id,split,V,A,D,text\na,train,3,1,5,so it is\nb,dev,2,2,2,or not\n",
    );
    const { train } = await loadDataset(experiment([{ name: "emobank", path: home }]));
    assert.deepEqual(
      train.map(({ emobank }) => emobank),
      [[0.5, 0, 1]],
    );
  });

  test("what is not there is told with what to do", async () => {
    const nowhere = join(folder, "nowhere");
    await assert.rejects(loadDataset(experiment([{ name: "goemotions", path: nowhere }])), {
      code: "DATA_NOT_FOUND",
      message: /attune fetch goemotions/,
    });
    await assert.rejects(loadDataset(experiment([{ name: "mine", path: `${nowhere}.csv`, columns }])), {
      code: "DATA_NOT_FOUND",
      message: /nowhere\.csv/,
    });
  });
});

describe("labels and tokens", () => {
  test("label shares count rows as often as they are drawn", () => {
    const row = (labels: Partial<Example>): Example => ({ id: "", text: "", split: "train", ...labels });
    const dataset: Dataset = {
      train: [row({ readiness: 0 }), row({ emobank: [0, 0, 0] }), row({ readiness: 1 })],
      weights: Float64Array.of(1, 2, 2),
      validation: [],
      corpora: [],
    };
    const shares = measureLabelShares(dataset);
    assert.equal(shares.readiness, 3 / 5);
    assert.equal(shares.emobank, 2 / 5);
    assert.equal(shares.emotion, 1);
    assert.equal(hasLabel(row({ support: 0 }), "support"), true);
    assert.equal(hasLabel(row({ support: 0 }), "pad"), false);
  });

  test("a batch is as wide as its longest row, the rest is padding", () => {
    const { ids, mask, batch, tokens } = layBatch([Int32Array.of(5, 6, 7), Int32Array.of(8)], 9);
    assert.deepEqual([batch, tokens], [2, 3]);
    assert.deepEqual([...ids], [5n, 6n, 7n, 8n, 9n, 9n]);
    assert.deepEqual([...mask], [1n, 1n, 1n, 1n, 0n, 0n]);
  });

  test("texts are cut to the tokens a run allows", () => {
    const tokenizer = Tokenizer.fromJson(buildVocabulary(["one two three four"], 100));
    const examples = ["one", "one two three four"].map(
      (text): Example => ({ id: text, text, split: "train" }),
    );
    assert.deepEqual(
      tokenizeAll(examples, tokenizer, 4).map(({ length }) => length),
      [3, 4],
    );
  });
});
