/** The pool of utterances: by emotion, by share, refused when wrong. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { AppError } from "../base/errors.js";
import type { EmotionId } from "../emotion/taxonomy.js";
import { UtterancePool } from "./utterances.js";

describe("utterance pool", () => {
  const pool = new UtterancePool([
    { index: 7, emotion: "joy" },
    { index: 3, emotion: "boredom" },
    { index: 9, emotion: "joy" },
  ]);

  test("gives an utterance of the emotion, all of them in turn, none where there is none", () => {
    assert.equal(pool.pick("joy", 0), 7);
    assert.equal(pool.pick("joy", 0.49), 7);
    assert.equal(pool.pick("joy", 0.999), 9);
    assert.equal(pool.pick("boredom", 0.5), 3);
    assert.equal(pool.pick("fear", 0.5), undefined);
    assert.deepEqual(pool.emotions, ["joy", "boredom"]);
  });

  test("an empty list, a broken index or a foreign emotion is refused", () => {
    const isData = (error: unknown) => error instanceof AppError && error.code === "DATA_INVALID";
    assert.throws(() => new UtterancePool([]), isData);
    assert.throws(() => new UtterancePool([{ index: -1, emotion: "joy" }]), isData);
    assert.throws(() => new UtterancePool([{ index: 0.5, emotion: "joy" }]), isData);
    assert.throws(() => new UtterancePool([{ index: 1, emotion: "glee" as EmotionId }]), isData);
  });
});
