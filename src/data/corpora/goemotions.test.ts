import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, test } from "node:test";
import { makeScratchFolder } from "../../../test/scratch-folder.js";
import { goEmotionLabels } from "../../emotion/goemotions.js";
import { emotionIds } from "../../emotion/taxonomy.js";
import { loadGoEmotions } from "./goemotions.js";

const folderOf = async (files: Readonly<Record<string, string>>): Promise<string> => {
  const folder = makeScratchFolder("goemotions");
  for (const [name, content] of Object.entries(files)) await writeFile(join(folder, name), content);
  return folder;
};

describe("loadGoEmotions", () => {
  test("reads numbers and names alike, several labels kept, dev as validation", async () => {
    const folder = await folderOf({
      "train.tsv": "I love it\t18,0\tid1\nsame text\t2\tid2\n",
      "dev.tsv": 'a "quoted" one\tanger,neutral\tid3\n',
      "test.tsv": "SAME  text\tgrief\tid4\n",
    });
    const { examples, duplicatesRemoved, badRows } = await loadGoEmotions({ folder });
    assert.deepEqual(
      examples.map(({ id, split, goemotions, partial }) => [id, split, goemotions, partial]),
      [
        ["goemotions/id1", "train", [0, 18], undefined],
        ["goemotions/id3", "validation", [2, 27], undefined],
        ["goemotions/id4", "test", [16], undefined],
      ],
    );
    assert.equal(duplicatesRemoved, 1);
    assert.deepEqual(badRows, []);
  });

  test("numbers follow the folder's own emotions.txt", async () => {
    const files = { "train.tsv": "x\t0\ta\n", "dev.tsv": "y\t1\tb\n", "test.tsv": "z\t0\tc\n" };
    const { examples } = await loadGoEmotions({
      folder: await folderOf({ ...files, "emotions.txt": "neutral\njoy\n" }),
    });
    assert.deepEqual(
      examples.map(({ goemotions }) => goemotions),
      [[27], [17], [27]],
    );
  });

  test("reports bad rows with file and line", async () => {
    const folder = await folderOf({
      "train.tsv":
        "fine\t0\ta\nno labels\nbad label\t28\tb\nworse\tjoy,hunger\tc\n  \t0\td\ntoo\t1\te\tmany\n",
      "dev.tsv": "",
      "test.tsv": "",
    });
    const { badRows, examples } = await loadGoEmotions({ folder });
    assert.equal(examples.length, 1);
    assert.deepEqual(
      badRows.map(({ file, line }) => `${file}:${line}`),
      [2, 3, 4, 5, 6].map((n) => `train.tsv:${n}`),
    );
    assert.match(badRows[2]?.reason ?? "", /got "hunger"/);
  });

  test("of raw ratings keeps the labels two raters chose", async () => {
    const header = `text,id,author,rater_id,${goEmotionLabels.join(",")}`;
    const rating = (text: string, id: string, ...labels: readonly string[]): string =>
      `${text},${id},me,1,${goEmotionLabels.map((label) => Number(labels.includes(label))).join(",")}`;
    const folder = await folderOf({
      "goemotions_1.csv": [
        header,
        rating('"Well, ok"', "a", "joy"),
        rating("no accord", "b", "anger"),
        "",
      ].join("\n"),
      "goemotions_2.csv": [
        header,
        rating('"Well, ok"', "a", "joy", "relief"),
        rating("no accord", "b", "fear"),
        `short,c,me,1,${goEmotionLabels.map(() => "2").join(",")}`,
      ].join("\n"),
    });
    const { examples, unlabelled, badRows } = await loadGoEmotions({ folder });
    assert.deepEqual(
      examples.map(({ text, goemotions }) => [text, goemotions]),
      [["Well, ok", [17]]],
    );
    assert.equal(unlabelled, 1);
    assert.deepEqual(
      badRows.map(({ file, line }) => [file, line]),
      [["goemotions_2.csv", 4]],
    );
  });

  test("maps labels to partial ones only when asked to", async () => {
    const folder = await folderOf({
      "train.tsv": "a\t2\ta\nb\t2,3\tb\nc\t4\tc\n",
      "dev.tsv": "d\t27\td\n",
      "test.tsv": "e\t24,2\te\n",
    });
    const holdsOf = async (mapping: "clean" | "all"): Promise<unknown[]> =>
      (await loadGoEmotions({ folder, mapping })).examples.map(({ partial }) =>
        partial?.holds.map((index) => emotionIds[index]),
      );
    assert.deepEqual(await holdsOf("clean"), [
      ["anger"],
      undefined,
      undefined,
      ["neutral"],
      ["anger", "guilt"],
    ]);
    assert.deepEqual(await holdsOf("all"), [
      ["anger"],
      ["anger", "frustration"],
      undefined,
      ["neutral"],
      ["anger", "guilt"],
    ]);
  });

  test("a missing folder says how to get it", async () => {
    await assert.rejects(loadGoEmotions({ folder: "/nowhere/goemotions" }), {
      code: "DATA_NOT_FOUND",
      message: /attune fetch goemotions.+ATTUNE_DATA/,
    });
  });

  const real = join(process.env.ATTUNE_DATA ?? "", "goemotions");
  const skip = process.env.ATTUNE_DATA && existsSync(real) ? false : "no goemotions in ATTUNE_DATA";
  test("reads the published splits whole", { skip }, async () => {
    const { examples, badRows, duplicatesRemoved } = await loadGoEmotions({ folder: real });
    const count = (split: string): number => examples.filter((example) => example.split === split).length;
    assert.deepEqual([badRows.length, count("validation"), count("test")], [0, 5426, 5427]);
    assert.equal(count("train") + duplicatesRemoved, 43_410);
    assert.equal(new Set(examples.map(({ id }) => id)).size, examples.length);
  });
});
