import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, test } from "node:test";
import { makeScratchFolder } from "../../test/scratch-folder.js";
import { emotionIds, emotionIndex } from "../emotion/taxonomy.js";
import { type CorpusName, loadCorpus } from "./corpora.js";
import { textKey } from "./corpus-reader.js";
import { dataFolder, modelFolder } from "./folders.js";

const homeOf = async (files: Readonly<Record<string, string>>): Promise<string> => {
  const home = makeScratchFolder("data");
  for (const [name, content] of Object.entries(files)) {
    await mkdir(join(home, name, ".."), { recursive: true });
    await writeFile(join(home, name), content);
  }
  return home;
};

describe("learner corpus", () => {
  test("holds every class on every side, and the held-out registers whole in test", async () => {
    const { examples, badRows, duplicatesRemoved } = await loadCorpus("learner");
    assert.deepEqual([badRows, duplicatesRemoved, examples.length], [[], 0, 41_871]);
    for (const split of ["train", "validation", "test"]) {
      const classes = new Set(examples.filter((e) => e.split === split).map((e) => e.emotion?.primary));
      assert.equal(classes.size, emotionIds.length, split);
    }
    for (const { slice, split } of examples) {
      if (slice === "register-06-vocational" || slice === "register-12-group-chat")
        assert.equal(split, "test");
    }
    assert.equal(new Set(examples.map(({ id }) => id)).size, examples.length);
  });

  test("no text lies on two sides, whatever its punctuation", async () => {
    const { examples } = await loadCorpus("learner");
    const sides = new Map<string, string>();
    for (const { text, split } of examples) {
      const key = textKey(text).replace(/[^\p{L}\p{N}]+/gu, "");
      if (key === "") continue;
      assert.equal(sides.get(key) ?? split, split, text);
      sides.set(key, split);
    }
  });
});

describe("corpora by name", () => {
  test("EmoBank: ratings become [0, 1], dev validation, bad rows reported", async () => {
    const dataFolder = await homeOf({
      "emobank/emobank.csv":
        'id,split,V,A,D,text\na,train,3.0,1,5,"Say ""hi"""\nb,dev,2.5,3,3,two\nc,test,5.5,3,3,no\nd,test,,3,3,no\ne,extra,3,3,3,no\n',
    });
    const { examples, badRows } = await loadCorpus("emobank", { dataFolder });
    assert.deepEqual(examples, [
      { id: "emobank/a", text: 'Say "hi"', split: "train", slice: "emobank", emobank: [0.5, 0, 1] },
      { id: "emobank/b", text: "two", split: "validation", slice: "emobank", emobank: [0.375, 0.5, 0.5] },
    ]);
    assert.deepEqual(
      badRows.map(({ line }) => line),
      [4, 5, 6],
    );
  });

  test("XED: several numbers, none of ours counted, neutral from its own file", async () => {
    const dataFolder = await homeOf({
      "xed/en-annotated.tsv": "Yes !\t5, 8\nWait .\t2\nNo .\t9\nNo tab\n",
      "xed/neu_en.txt": "9\tMr. Howard sir.\n1\tx\n",
    });
    const { examples, unlabelled, badRows } = await loadCorpus("xed", { dataFolder });
    const among = ["anger", "disgust", "fear", "joy", "sadness", "surprise", "neutral"];
    assert.deepEqual(
      examples.map(({ text, partial }) => [text, partial?.holds.map((i) => emotionIds[i])]),
      [
        ["Yes !", ["joy"]],
        ["Mr. Howard sir.", ["neutral"]],
      ],
    );
    assert.deepEqual(new Set(examples[0]?.partial?.among), new Set(among.map((id) => emotionIndex(id))));
    assert.equal(unlabelled, 1);
    assert.deepEqual(
      badRows.map(({ file, line }) => `${file}:${line}`),
      ["en-annotated.tsv:3", "en-annotated.tsv:4", "neu_en.txt:2"],
    );
  });

  test("a missing corpus says what to do", async () => {
    for (const name of ["goemotions", "emobank", "lemotif", "xed"] as const) {
      await assert.rejects(loadCorpus(name, { dataFolder: "/nowhere" }), {
        code: "DATA_NOT_FOUND",
        message: new RegExp(`^${name}: expected .+ATTUNE_DATA`),
      });
    }
    await assert.rejects(loadCorpus("own"), { code: "CONFIG_INVALID" });
    await assert.rejects(loadCorpus("imdb" as CorpusName), { code: "CONFIG_INVALID", message: /got imdb/ });
  });

  const expected = { emobank: 10_062, lemotif: 1473, xed: 27_202 } as const;
  for (const [name, rows] of Object.entries(expected) as [keyof typeof expected, number][]) {
    const skip = existsSync(join(process.env.ATTUNE_DATA ?? "/nowhere", name))
      ? false
      : `no ${name} in ATTUNE_DATA`;
    test(`reads the published ${name}`, { skip }, async () => {
      const { examples, badRows, duplicatesRemoved, unlabelled } = await loadCorpus(name);
      assert.equal(examples.length + badRows.length + duplicatesRemoved + unlabelled, rows);
      assert.ok(badRows.length < rows / 200, JSON.stringify(badRows.slice(0, 5)));
    });
  }
});

describe("folders", () => {
  const variables = ["ATTUNE_DATA", "ATTUNE_MODELS", "XDG_CACHE_HOME"] as const;
  const withEnvironment = (values: readonly (string | undefined)[], check: () => void): void => {
    const before = variables.map((name) => process.env[name]);
    const set = (all: readonly (string | undefined)[]): void => {
      for (const [i, name] of variables.entries()) {
        const value = all[i];
        if (value === undefined) delete process.env[name];
        else process.env[name] = value;
      }
    };
    set(values);
    try {
      check();
    } finally {
      set(before);
    }
  };

  test("follow ATTUNE_DATA and ATTUNE_MODELS, else the cache", () => {
    withEnvironment(["/data", "/models", "/cache"], () => {
      assert.equal(dataFolder("xed"), join("/data", "xed"));
      assert.equal(modelFolder("minilm"), join("/models", "all-MiniLM-L6-v2"));
      assert.equal(modelFolder("all-mpnet-base-v2"), join("/models", "all-mpnet-base-v2"));
    });
    withEnvironment([undefined, "", "/cache"], () => {
      assert.equal(dataFolder("xed"), join("/cache", "attune", "data", "xed"));
      assert.equal(modelFolder("mpnet"), join("/cache", "attune", "models", "all-mpnet-base-v2"));
    });
    withEnvironment([undefined, undefined, undefined], () => {
      assert.match(dataFolder("xed"), /\.cache.attune.data.xed$/);
    });
  });
});
