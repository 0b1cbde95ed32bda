import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { AppError, type ErrorCode } from "../base/errors.js";
import { headSizes } from "../base/head.js";
import type { Calibration } from "../calibration/calibration.js";
import type { Analysis } from "../emotion/analysis.js";
import { emotionIds } from "../emotion/taxonomy.js";
import type { Tensor } from "../runtime/session.js";
import { EmotionEngine, type EngineParts } from "./engine.js";
import type { ModelSession } from "./forward.js";

const calibration: Calibration = {
  temperatures: { emotion: 1.5, goemotions: 1, support: 1 },
  thresholds: { perLabel: new Array<number>(28).fill(0.5), global: 0.5 },
  conformal: { method: "raps", coverage: 0.9, quantile: 0.9, penalty: 0.01, freeClasses: 2 },
  uncertainty: { minConfidence: 0.01, maxSetSize: 41, maxUnknownShare: 0.5 },
  ece: {},
  rows: {},
};

/** A token for each word: its characters added up; `?` is unknown. Windows as the real tokenizer cuts them. */
const tokenizer: EngineParts["tokenizer"] = {
  padId: 0,
  specialTokens: 2,
  windows(text, maxTokens, overlap) {
    const content = (text.match(/\S+/g) ?? []).map(
      (word) => 3 + ([...word].reduce((sum, c) => sum * 31 + (c.codePointAt(0) as number), 7) % 9973),
    );
    const room = maxTokens - 2;
    const windows: Int32Array[] = [];
    for (let start = 0; start === 0 || start + overlap < content.length; start += room - overlap) {
      windows.push(Int32Array.of(1, ...content.slice(start, start + room), 2));
    }
    return { windows, tokens: content.length, unknown: (text.match(/\?/g) ?? []).length };
  },
};

/** Width of the fake encoder. */
const hidden = 5;

/** A session whose logits depend on every attended id and on nothing else: padding or a neighbour seen would show. */
class FakeSession implements ModelSession {
  readonly batches: number[] = [];
  closed = false;
  busy = false;
  failOn: number | undefined;

  async run(feeds: Readonly<Record<string, Tensor>>): Promise<Record<string, Tensor>> {
    assert.ok(!this.busy && !this.closed, "one batch at a time, none after closing");
    this.busy = true;
    await new Promise((done) => setTimeout(done, 1));
    this.busy = false;
    const { input_ids, attention_mask } = feeds as { input_ids: Tensor; attention_mask: Tensor };
    const [batch, tokens] = input_ids.dims as [number, number];
    this.batches.push(batch);
    const sums = Array.from({ length: batch }, (_, row) => {
      let sum = 0;
      for (let i = row * tokens; i < (row + 1) * tokens; i++) {
        if (attention_mask.data[i] === 1n) sum = (sum * 17 + Number(input_ids.data[i])) % 100_003;
      }
      return sum;
    });
    if (this.failOn !== undefined && sums.includes(this.failOn)) throw new Error("this one is cursed");
    const output = (size: number, salt: number): Tensor => ({
      type: "float32",
      dims: [batch, size],
      data: Float32Array.from({ length: batch * size }, (_, i) => {
        const row = Math.floor(i / size);
        return 3 * Math.sin((sums[row] as number) * (1 + (i % size)) + salt);
      }),
    });
    const sizes = { ...headSizes, pooled: hidden };
    return Object.fromEntries(Object.entries(sizes).map(([name, size], i) => [name, output(size, i)]));
  }

  async close(): Promise<void> {
    this.closed = true;
  }
}

function build(
  maxBatch = 8,
  rows: Calibration["rows"] = {},
): { engine: EmotionEngine; session: FakeSession } {
  const session = new FakeSession();
  const model = { name: "fake", version: "1.2.3", maxTokens: 10, calibration: { ...calibration, rows } };
  return { session, engine: EmotionEngine.assemble({ model, tokenizer, session }, { maxBatch }) };
}

const untimed = ({ analysisTimeMs: _, ...rest }: Analysis) => rest;
const withCode = (code: ErrorCode, message: RegExp) => (error: unknown) =>
  error instanceof AppError && error.code === code && message.test(error.message);

describe("EmotionEngine", () => {
  test("an analysis is whole, consistent and frozen to the bottom", async () => {
    const { engine } = build();
    const analysis = await engine.analyze("why does this not work");
    assert.equal(analysis.emotions.length, 41);
    assert.equal(new Set(analysis.emotions.map(({ emotion }) => emotion)).size, emotionIds.length);
    const sum = analysis.emotions.reduce((total, { probability }) => total + probability, 0);
    assert.ok(Math.abs(sum - 1) < 1e-12);
    assert.ok(
      analysis.emotions.every(
        (entry, i, all) => i === 0 || (all[i - 1]?.probability ?? 0) >= entry.probability,
      ),
    );
    assert.equal(analysis.primaryEmotion, analysis.emotions[0]?.emotion);
    assert.equal(analysis.confidence, analysis.emotions[0]?.probability);
    assert.equal(analysis.predictionSet[0], analysis.primaryEmotion);
    const { probabilities, level } = analysis.support;
    assert.equal(probabilities[level], Math.max(...probabilities));
    for (const value of [...Object.values(analysis.pad), analysis.readiness.score])
      assert.ok(value > 0 && value < 1);
    assert.deepEqual(analysis.input, { characters: 22, tokens: 5, truncated: false });
    assert.deepEqual(analysis.model, { name: "fake", version: "1.2.3" });
    assert.ok(analysis.analysisTimeMs > 0);
    const check = (value: unknown): void => {
      if (typeof value !== "object" || value === null) return;
      assert.ok(Object.isFrozen(value));
      for (const inner of Object.values(value)) check(inner);
    };
    check(analysis);
    await engine.close();
  });

  test("a GoEmotions head that no data taught names no label", async () => {
    const taught = await build(8, { goemotions: 9 }).engine.analyze("one two three");
    const untaught = await build(8, { goemotions: 0 }).engine.analyze("one two three");
    assert.ok(taught.goemotions.length > 0);
    assert.deepEqual(untaught.goemotions, []);
    assert.deepEqual(untaught.emotions, taught.emotions);
  });

  test("batched, concurrent and single calls give the same answers in the same order", async () => {
    const text = fc
      .array(fc.stringMatching(/^[a-z]{1,6}$/), { minLength: 1, maxLength: 30 })
      .map((list) => list.join(" "));
    await fc.assert(
      fc.asyncProperty(
        fc.array(text, { maxLength: 12 }),
        fc.integer({ min: 1, max: 6 }),
        async (texts, maxBatch) => {
          const { engine } = build(maxBatch);
          const array = (await engine.analyze(texts)).map(untimed);
          const concurrent = (await Promise.all(texts.map((one) => engine.analyze(one)))).map(untimed);
          assert.deepEqual(array, concurrent);
          for (const [i, one] of texts.entries())
            assert.deepEqual(untimed(await engine.analyze(one)), array[i]);
          await engine.close();
        },
      ),
      { numRuns: 15 },
    );
  });

  test("concurrent single calls share batches", async () => {
    const { engine, session } = build();
    await Promise.all(Array.from({ length: 20 }, (_, i) => engine.analyze(`message ${i}`)));
    assert.deepEqual(session.batches, [8, 8, 4]);
  });

  test("a long message is read whole, in windows, and nothing of it is lost", async () => {
    const { engine, session } = build();
    const words = Array.from({ length: 40 }, (_, i) => `word${i}`);
    const first = await engine.analyze(words.join(" "));
    assert.equal(first.input.tokens, 40);
    assert.equal(first.input.truncated, false);
    assert.deepEqual(session.batches, [7]);
    const changedEnd = await engine.analyze([...words.slice(0, -1), "other"].join(" "));
    assert.notDeepEqual(changedEnd.emotions, first.emotions);
  });

  test("texts that cannot be analysed are named errors, with the index where there are many", async () => {
    const { engine, session } = build();
    await assert.rejects(engine.analyze(" \n"), withCode("INPUT_EMPTY", /^analyze: /));
    await assert.rejects(engine.analyze("x".repeat(20_001)), withCode("INPUT_TOO_LONG", /20000|20,000/));
    await assert.rejects(engine.analyze(7 as unknown as string), withCode("INPUT_TYPE", /number/));
    await assert.rejects(engine.analyze(["fine", ""]), withCode("INPUT_EMPTY", /^analyze\[1\]: /));
    assert.deepEqual(session.batches, [], "nothing is read before all are checked");
  });

  test("analyzeSettled answers each text by itself, even where the model fails on one", async () => {
    const { engine, session } = build();
    const probe = tokenizer.windows("cursed", 10, 2).windows[0] as Int32Array;
    session.failOn = probe.reduce((sum, id) => (sum * 17 + id) % 100_003, 0);
    const settled = await engine.analyzeSettled(["good", "", "cursed", "also good"]);
    assert.deepEqual(
      settled.map((result) => (result.ok ? result.analysis.input.characters : result.error.code)),
      [4, "INPUT_EMPTY", "INTERNAL", 9],
    );
  });

  test("unfamiliar text is said to be so", async () => {
    const { engine } = build();
    assert.equal((await engine.analyze("a? b? c")).uncertain, "unfamiliar_text");
    assert.equal((await engine.analyze("a b c")).uncertain, false);
  });

  test("an explanation is given only when asked, covers the words and costs a reading of each", async () => {
    const { engine, session } = build();
    const plain = await engine.analyze("this makes no sense");
    assert.ok(!("explanation" in plain));
    session.batches.length = 0;
    const { explanation, ...rest } = untimed(await engine.analyze("this makes no sense", { explain: true }));
    assert.deepEqual(rest, untimed(plain));
    assert.deepEqual(
      explanation?.map(({ word }) => word),
      ["this", "makes", "no", "sense"],
    );
    assert.ok(explanation?.every(({ influence }) => Number.isFinite(influence)));
    assert.deepEqual(session.batches, [1, 4]);
    const [single] = (await engine.analyze("stuck", { explain: true })).explanation ?? [];
    assert.equal(single?.word, "stuck");
  });

  test("inspect shows the logits and the other heads beneath the same analysis", async () => {
    const { engine } = build();
    const [seen] = await engine.inspect(["hello there"]);
    assert.ok(seen !== undefined);
    assert.deepEqual(untimed(seen.analysis), untimed(await engine.analyze("hello there")));
    assert.equal(seen.raw.emotion.length, 41);
    assert.equal(seen.goemotionsProbabilities.length, 28);
    assert.ok(seen.emobank.every((value) => value > 0 && value < 1));
  });

  test("a reading holds the analysis's numbers, the vector of the message and no text", async () => {
    const { engine } = build();
    const long = Array.from({ length: 20 }, (_, i) => `word${i}`).join(" ");
    const read = await engine.read(["hello there", long]);
    assert.deepEqual(
      read.map(({ analysis }) => untimed(analysis)),
      (await engine.analyze(["hello there", long])).map(untimed),
    );
    for (const { analysis, reading } of read) {
      const { pad, emotions, support } = analysis;
      assert.deepEqual(Object.keys(reading).sort(), [
        "embedding",
        "emotion",
        "model",
        "pad",
        "readiness",
        "support",
      ]);
      assert.deepEqual(
        emotions.map(({ emotion }) => reading.emotion[emotionIds.indexOf(emotion)]),
        emotions.map(({ probability }) => probability),
      );
      assert.deepEqual(reading.pad, [pad.pleasure, pad.arousal, pad.dominance]);
      assert.equal(reading.readiness, analysis.readiness.score);
      assert.deepEqual(reading.support, support.probabilities);
      assert.deepEqual(reading.model, { name: "fake", version: "1.2.3" });
      assert.equal(reading.embedding.length, hidden);
    }
    await assert.rejects(engine.read(["fine", ""]), withCode("INPUT_EMPTY", /^read\[1\]: /));
  });

  test("a learner's message is the message's analysis with the learner's standing; a text alone knows of nobody", async () => {
    const { engine } = build();
    const alone = untimed(await engine.analyze("hello there"));
    const learnerId = "anna";
    const first = await engine.analyze({ learnerId, text: "why does this not work", at: 1 });
    const { learner, ...analysis } = await engine.analyze({ learnerId, text: "hello there", at: 2 });
    assert.deepEqual(untimed(analysis), alone);
    assert.equal(first.learner.history.moments, 1);
    assert.equal(learner.history.moments, 2);
    assert.equal(
      (await engine.observe({ learnerId, behavior: { skips: 1 }, at: 3 })).learner.history.moments,
      3,
    );
    const explained = await engine.analyze({ learnerId, text: "hello there", at: 4 }, { explain: true });
    assert.equal(explained.explanation?.length, 2);
    assert.deepEqual(untimed(await engine.analyze("hello there")), alone);
    const [, kept] = await engine.export({ learnerId });
    assert.deepEqual(kept?.reading, (await engine.read(["hello there"]))[0]?.reading);
    assert.equal(await engine.forget({ learnerId }), 4);
    await assert.rejects(engine.analyze({ learnerId, text: " " }), withCode("INPUT_EMPTY", /^analyze: /));
    await assert.rejects(engine.analyze({} as never), withCode("INPUT_TYPE", /learnerId/));
    await engine.close();
    await assert.rejects(engine.analyze({ learnerId, text: "late" }), withCode("ENGINE_CLOSED", /closed/));
    await assert.rejects(engine.forget({ learnerId }), withCode("ENGINE_CLOSED", /closed/));
  });

  test("close lets work finish, refuses more, and may be called twice", async () => {
    const { engine, session } = build();
    const underway = engine.analyze(Array.from({ length: 600 }, (_, i) => `text number ${i}`));
    await Promise.all([engine.close(), engine.close()]);
    assert.equal((await underway).length, 600);
    assert.ok(session.closed);
    await assert.rejects(engine.analyze("late"), withCode("ENGINE_CLOSED", /closed/));
    await assert.rejects(engine.analyzeSettled(["late"]), withCode("ENGINE_CLOSED", /closed/));
  });

  test("a model whose outputs do not fit is refused, not read", async () => {
    const session: ModelSession = {
      run: async () => ({ emotion: { type: "float32", dims: [1, 3], data: new Float32Array(3) } }),
      close: async () => {},
    };
    const model = { name: "odd", version: "0", maxTokens: 10, calibration };
    const engine = EmotionEngine.assemble({ model, tokenizer, session });
    await assert.rejects(engine.analyze("hi"), withCode("MODEL_SHAPE", /emotion: expected float32 \[1,41\]/));
  });
});
