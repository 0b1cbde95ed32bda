import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { makeReading } from "../../test/fake-readiness.js";
import { emotionIds } from "../emotion/taxonomy.js";
import { validateMoment } from "../history/moment-validation.js";
import { createCohort } from "./cohort.js";
import { recordCohort } from "./recording.js";
import { Voices } from "./voices.js";

const texts = emotionIds.flatMap((emotion) => [1, 2].map((n) => ({ text: `${emotion} ${n}`, emotion })));

async function listen(): Promise<{ readonly voices: Voices; readonly asked: string[] }> {
  const asked: string[] = [];
  const voices = await Voices.read(texts, async (chunk) =>
    chunk.map((text) => {
      asked.push(text);
      return { reading: makeReading(asked.length, texts.findIndex((one) => one.text === text) / 100) };
    }),
  );
  return { voices, asked };
}

describe("recordCohort", () => {
  test("a message is read once and speaks of what is felt, moments are sound, and the same seed tells the same story", async () => {
    const { voices, asked } = await listen();
    assert.deepEqual(
      asked,
      texts.map(({ text }) => text),
    );
    const record = (learners: number) =>
      recordCohort(createCohort({ learners, seed: 4, utterances: voices.pool }), 30, voices, {
        share: 0.3,
        seed: 4,
      });
    const sessions = record(60);
    let messages = 0;
    const supported = sessions.flatMap(({ steps }) => {
      assert.ok(steps.length >= 1 && steps.length <= 30);
      for (const { moment, latent } of steps) {
        validateMoment(moment, "test");
        if (moment.reading === undefined) continue;
        messages++;
        const text = texts[Math.round(moment.reading.readiness * 100)];
        assert.equal(text?.emotion, latent.emotion);
      }
      return steps.map(({ moment }) => moment.intervention?.level ?? -1);
    });
    assert.ok(messages > 100);
    const share = supported.filter((level) => level > 0).length / supported.length;
    assert.ok(Math.abs(share - 0.3) < 0.05, `share ${share}`);
    assert.deepEqual(record(7), sessions.slice(0, 7));
  });
});
