import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, test } from "node:test";
import { makeScratchFolder } from "../../../test/scratch-folder.js";
import { emotionIndex } from "../../emotion/taxonomy.js";
import { loadOwn } from "./own.js";

const fileOf = async (name: string, content: string): Promise<string> => {
  const file = join(makeScratchFolder("own"), name);
  await writeFile(file, content);
  return file;
};

describe("loadOwn", () => {
  test("reads a CSV through the mapping; empty cells are absent labels", async () => {
    const csv = [
      "message,label,more,P,A,D,ready,help,set,nr",
      '"I give up, really",frustration,sadness;fatigue,0.2,.7,0.3,0.25,3,dev,7',
      "plain,,,,,,0,0,train,",
      "nothing said,,,,,,,,test,9",
    ].join("\n");
    const columns = {
      text: "message",
      emotion: "label",
      also: "more",
      pleasure: "P",
      arousal: "A",
      dominance: "D",
      readiness: "ready",
      support: "help",
      split: "set",
      id: "nr",
    };
    const { examples, unlabelled, badRows } = await loadOwn({ file: await fileOf("mine.csv", csv), columns });
    assert.deepEqual(badRows, []);
    assert.equal(unlabelled, 1);
    assert.deepEqual(examples, [
      {
        id: "own/mine.csv:7",
        text: "I give up, really",
        split: "validation",
        slice: "own/mine.csv",
        emotion: {
          primary: emotionIndex("frustration"),
          also: [emotionIndex("sadness"), emotionIndex("fatigue")],
        },
        pad: [0.2, 0.7, 0.3],
        readiness: 0.25,
        support: 3,
      },
      {
        id: "own/mine.csv:3",
        text: "plain",
        split: "train",
        slice: "own/mine.csv",
        readiness: 0,
        support: 0,
      },
    ]);
  });

  test("keeps texts nobody labelled where a teacher will answer them, and only there", async () => {
    const file = await fileOf("plain.csv", "message,label\nso lost,\nat last!,joy\n");
    const columns = { text: "message" };
    const { examples, unlabelled } = await loadOwn({ file, columns, unlabelled: true, split: "train" });
    assert.equal(unlabelled, 0);
    assert.deepEqual(
      examples.map(({ id: _, ...example }) => example),
      ["so lost", "at last!"].map((text) => ({ text, split: "train", slice: "own/plain.csv" })),
    );
    await assert.rejects(loadOwn({ file, columns }), {
      code: "CONFIG_INVALID",
      message: /at least one label beside text/,
    });
    const mixed = await loadOwn({ file, columns: { ...columns, emotion: "label" } });
    assert.equal(mixed.unlabelled, 1);
  });

  test("reads JSON Lines with lists and numbers, a split for all", async () => {
    const rows = [
      { t: "so happy", e: "joy", also: ["joy", "pride"], go: ["joy", "admiration"], g: "class 1" },
      { t: "no label", e: null },
    ];
    const file = await fileOf("a.jsonl", rows.map((row) => JSON.stringify(row)).join("\n"));
    const columns = { text: "t", emotion: "e", also: "also", goemotions: "go", slice: "g" };
    const { examples, unlabelled } = await loadOwn({ file, columns, split: "test" });
    assert.equal(unlabelled, 1);
    assert.deepEqual(examples, [
      {
        id: "own/a.jsonl:1",
        text: "so happy",
        split: "test",
        slice: "class 1",
        emotion: { primary: emotionIndex("joy"), also: [emotionIndex("pride")] },
        goemotions: [0, 17],
      },
    ]);
  });

  test("reports each bad row with its line and what is wrong", async () => {
    const columns = {
      text: "text",
      emotion: "emotion",
      support: "support",
      pleasure: "p",
      arousal: "a",
      dominance: "d",
    };
    const rows = [
      '{"text":"ok","emotion":"joy"}',
      "{not json}",
      "[1]",
      '{"text":"x","emotion":"hunger"}',
      '{"text":"x","support":6}',
      '{"text":"x","support":1.5}',
      '{"text":"x","p":0.5}',
      '{"text":"x","p":2,"a":0,"d":0}',
      '{"emotion":"joy"}',
      '{"text":"","emotion":"joy"}',
    ];
    const { badRows, examples } = await loadOwn({ file: await fileOf("b.jsonl", rows.join("\n")), columns });
    assert.equal(examples.length, 1);
    assert.deepEqual(
      badRows.map(({ line }) => line).sort((a, b) => a - b),
      [2, 3, 4, 5, 6, 7, 8, 9, 10],
    );
    assert.match(badRows.find(({ line }) => line === 5)?.reason ?? "", /^support: /);
  });

  test("refuses a mapping that is wrong", async () => {
    const file = await fileOf("c.csv", "text,emotion\nhi,joy\n");
    const wrong = [
      undefined,
      {},
      { emotion: "emotion" },
      { text: "text" },
      { text: "text", emotoin: "emotion" },
      { text: 3 },
    ];
    for (const columns of wrong) await assert.rejects(loadOwn({ file, columns }), { code: "CONFIG_INVALID" });
    await assert.rejects(loadOwn({ file, columns: { text: "text", emotion: "label" } }), {
      code: "DATA_INVALID",
      message: /label, got text, emotion/,
    });
  });

  test("refuses a file that is not there or of another kind", async () => {
    const columns = { text: "text", emotion: "emotion" };
    await assert.rejects(loadOwn({ file: "/nowhere/a.csv", columns }), { code: "DATA_NOT_FOUND" });
    await assert.rejects(loadOwn({ file: "/nowhere/a.xlsx", columns }), { code: "DATA_INVALID" });
  });
});
