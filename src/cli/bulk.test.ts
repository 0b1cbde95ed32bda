import assert from "node:assert/strict";
import { test } from "node:test";
import { AppError } from "../base/errors.js";
import type { Analysis } from "../emotion/analysis.js";
import { analyzeMessages, type BulkEngine, toJsonLine } from "./bulk.js";
import type { Message } from "./message.js";

const empty = new AppError("INPUT_EMPTY", "analyze: expected text, got an empty string");

/** Answers after a time of its own choosing, so that order has to be kept by the caller. */
function fakeEngine(): BulkEngine & { calls: number; atOnce: number } {
  let running = 0;
  const engine = {
    calls: 0,
    atOnce: 0,
    async analyzeSettled(texts: readonly string[]) {
      engine.calls++;
      engine.atOnce = Math.max(engine.atOnce, ++running);
      await new Promise((done) => setTimeout(done, engine.calls % 2 === 1 ? 6 : 1));
      running--;
      return texts.map((text) =>
        text === "cursed"
          ? { ok: false as const, error: empty }
          : { ok: true as const, analysis: { primaryEmotion: text } as unknown as Analysis },
      );
    },
  };
  return engine;
}

test("outcomes come in order, bad ones in their place, and the source is read only a little ahead", async () => {
  const total = 1000;
  let read = 0;
  async function* source(): AsyncGenerator<Message> {
    for (read = 1; read <= total; read++) {
      if (read % 10 === 3) yield { line: read, error: new AppError("DATA_INVALID", "no JSON") };
      else
        yield {
          line: read,
          id: `m${read}`,
          text: read % 10 === 5 ? "cursed" : read % 10 === 7 ? " " : `text ${read}`,
        };
    }
  }
  const engine = fakeEngine();
  let taken = 0;
  for await (const outcome of analyzeMessages(source(), engine)) {
    taken++;
    assert.equal(outcome.message.line, taken);
    if (taken % 10 === 3) assert.ok("error" in outcome && outcome.error.code === "DATA_INVALID");
    else if (taken % 10 === 5) assert.ok("error" in outcome && outcome.error === empty);
    else if (taken % 10 === 7)
      assert.ok("error" in outcome && outcome.error.message.startsWith(`line ${taken}: `));
    else assert.ok("analysis" in outcome && (outcome.analysis.primaryEmotion as string) === `text ${taken}`);
    assert.ok(read - taken <= 2 * 64, `read ${read}, taken ${taken}`);
  }
  assert.equal(taken, total);
  assert.equal(engine.atOnce, 2);
});

test("a record is flat: line and id, then the analysis or the error", () => {
  const analysis = { primaryEmotion: "joy", confidence: 0.5 } as unknown as Analysis;
  assert.equal(
    toJsonLine({ message: { line: 3, id: 7, text: "a" }, analysis }),
    '{"line":3,"id":7,"primaryEmotion":"joy","confidence":0.5}\n',
  );
  assert.deepEqual(JSON.parse(toJsonLine({ message: { line: 4, text: "" }, error: empty })), {
    line: 4,
    error: { code: "INPUT_EMPTY", message: empty.message },
  });
});

test("a failure of the engine itself ends the work, it is not taken for a bad message", async () => {
  const engine: BulkEngine = {
    analyzeSettled: () => Promise.reject(new AppError("ENGINE_CLOSED", "engine: closed")),
  };
  async function* source(): AsyncGenerator<Message> {
    for (let line = 1; line <= 300; line++) yield { line, text: "a" };
  }
  await assert.rejects(
    async () => {
      for await (const _ of analyzeMessages(source(), engine)) assert.fail("nothing can come");
    },
    { code: "ENGINE_CLOSED" },
  );
});
