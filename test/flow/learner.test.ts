/** Learners followed by an engine over real, if tiny, model folders. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { AppError, type ErrorCode } from "../../src/base/errors.js";
import { EmotionEngine, type EngineOptions } from "../../src/engine/engine.js";
import { MemoryHistory } from "../../src/history/memory-history.js";
import { listFeatures } from "../../src/policy/features.js";
import { parseOutcomeLine } from "../../src/policy/outcome.js";
import { writeInterventionFolder, writeReadinessFolder } from "../fixtures/learner-folders.js";
import { writeServedModel } from "../fixtures/served-model.js";

let folder = "";
let model = "";
let readiness = "";
let intervention = "";

before(async () => {
  folder = mkdtempSync(join(tmpdir(), "attune-learner-"));
  model = await writeServedModel(folder);
  readiness = await writeReadinessFolder(folder, model);
  intervention = await writeInterventionFolder(folder, readiness);
});
after(() => rmSync(folder, { recursive: true, force: true }));

const withCode = (code: ErrorCode, message: RegExp) => (error: unknown) =>
  error instanceof AppError && error.code === code && message.test(error.message);

const learnerId = "anna";
const texts = ["hello", "i do not get this", "why??", "ok so it is 4", "no it is not", "oh yes", "yes!"];

/** What is said of a learner after each message, and the engine's own count of what is kept. */
async function follow(options: Partial<EngineOptions>) {
  const engine = await EmotionEngine.load({ model, readiness, intervention, threads: 1, ...options });
  try {
    const answers = [];
    for (const [i, text] of texts.entries()) {
      const behavior = { attempts: 1 + (i % 3), responseTimeMs: 1000 * (i + 1), correct: i % 2 === 0 };
      const call = { learnerId, text, behavior, at: i * 300_000, context: { itemId: `item ${i % 2}` } };
      answers.push((await engine.analyze(call, { features: true })).learner);
    }
    return answers;
  } finally {
    await engine.close();
  }
}

describe("EmotionEngine with the models that follow learners", () => {
  test("every answer is whole, and the same again", async () => {
    const answers = await follow({});
    for (const { readiness: ready, intervention: decision, features, history, nextEmotions } of answers) {
      assert.ok(ready !== undefined && decision !== undefined);
      for (const share of [ready.score, ready.expectedSuccess, ready.engagement, ready.cognitiveLoad]) {
        assert.ok(share > 0 && share < 1);
      }
      assert.ok(Math.abs(ready.attention.reduce((sum, { weight }) => sum + weight, 0) - 1) < 1e-5);
      assert.equal(decision.values.length, 6, "a learned policy estimates values");
      assert.equal(features?.length, listFeatures(5).length);
      assert.equal(history.appended, "added");
      const sum = nextEmotions?.reduce((total, { probability }) => total + probability, 0) ?? 0;
      assert.ok(nextEmotions?.length === 41 && Math.abs(sum - 1) < 1e-9);
    }
    assert.deepEqual(answers.at(-1)?.history.moments, texts.length);
    assert.deepEqual(await follow({}), answers);
  });

  test("of one message and no behaviour the readiness is the text's", async () => {
    const engine = await EmotionEngine.load({ model, readiness, intervention: false, threads: 1 });
    const answer = await engine.analyze({ learnerId, text: "why??", at: 1 });
    assert.equal(answer.learner.readiness?.score, answer.readiness.score);
    assert.equal(answer.learner.intervention, undefined);
    await engine.close();
  });

  test("an answer is a line of a log of outcomes, once it is known what came of it", async () => {
    const [answer] = await follow({ exploration: 0.05, guards: { uncertainty: { on: false } } });
    const { level, propensity, probabilities } = answer?.intervention ?? {};
    assert.ok(probabilities?.every((share) => share >= 0.05 - 1e-12));
    const row = { learnerId, at: answer?.at, features: answer?.features, level, propensity, outcome: 0.7 };
    const parsed = parseOutcomeLine(JSON.stringify(row));
    assert.ok(parsed.ok, JSON.stringify(parsed));
    assert.deepEqual(parsed.value, row);
  });

  test("the rule by hand decides where it is asked to; without readiness nothing does", async () => {
    const [ruled] = await follow({ intervention: "rule" });
    assert.deepEqual(ruled?.intervention?.values, []);
    const [bare] = await follow({ readiness: false, intervention: undefined, transitions: false });
    assert.deepEqual(
      [bare?.readiness, bare?.nextEmotions, bare?.intervention, bare?.features, bare?.history.appended],
      [undefined, undefined, undefined, undefined, "added"],
    );
  });

  test("what does not fit is refused when it is named, before anything is answered", async () => {
    const other = await writeServedModel(folder, "other-text", 2);
    const load = (options: EngineOptions) => EmotionEngine.load({ model, threads: 1, ...options });
    const bad = join(folder, "bad.json");
    writeFileSync(bad, '{ "formatVersion": 1 }');
    await assert.rejects(
      load({ model: other, readiness }),
      withCode("WEIGHTS_MISMATCH", /retrain: attune train experiments\/readiness\.json/),
    );
    const otherReadiness = await writeReadinessFolder(folder, model, "other-readiness", 2);
    await assert.rejects(
      load({ readiness: otherReadiness, intervention }),
      withCode("WEIGHTS_MISMATCH", /retrain: attune train experiments\/intervention\.json/),
    );
    await assert.rejects(
      load({ readiness, transitions: bad }),
      withCode("DATA_INVALID", /bad\.json: .*counts/),
    );
    await assert.rejects(load({ readiness: false, intervention: "rule" }), withCode("USAGE", /readiness/));
    await assert.rejects(
      load({ readiness: "no-such-model" }),
      withCode("MODEL_NOT_FOUND", /readiness\.json/),
    );
    await assert.rejects(
      load({ readiness, intervention: "no-such-model" }),
      withCode("MODEL_NOT_FOUND", /intervention\.json/),
    );
    await assert.rejects(
      load({ readiness, intervention, exploration: 0.5 }),
      withCode("CONFIG_INVALID", /floor from 0 to 1\/6/),
    );
    const guards = { frequency: { perDay: 3 } } as EngineOptions["guards"];
    await assert.rejects(load({ readiness, intervention, guards }), withCode("CONFIG_INVALID", /perDay/));
  });

  test("a text model of one's own serves texts, and says with the first learner that nothing fits it", async () => {
    const engine = await EmotionEngine.load({ model, threads: 1 });
    assert.ok((await engine.analyze("hello")).confidence > 0);
    const call = engine.analyze({ learnerId, text: "hello", at: 1 });
    await assert.rejects(call, (error) => error instanceof AppError && error.code !== "INTERNAL");
    assert.deepEqual(await engine.export({ learnerId }), [], "and keeps nothing");
    await engine.close();
  });

  test("what was kept is enough to go on in another process", async () => {
    const kept = new MemoryHistory();
    const whole = await follow({ history: kept });
    const [moments, again] = [await kept.export({ tenantId: "", learnerId }), new MemoryHistory()];
    for (const moment of moments.slice(0, -1)) await again.append({ tenantId: "", learnerId }, moment);
    const engine = await EmotionEngine.load({ model, readiness, intervention, threads: 1, history: again });
    const last = texts.length - 1;
    const behavior = {
      attempts: 1 + (last % 3),
      responseTimeMs: 1000 * texts.length,
      correct: last % 2 === 0,
    };
    const call = { learnerId, text: texts[last] as string, behavior, at: last * 300_000 };
    const { learner } = await engine.analyze(
      { ...call, context: { itemId: `item ${last % 2}` } },
      { features: true },
    );
    assert.deepEqual(learner, whole[last]);
    await engine.close();
  });
});
