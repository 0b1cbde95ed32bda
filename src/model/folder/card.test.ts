import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { sampleManifest } from "../../../test/fixtures/manifest.js";
import { renderCard, renewCalibration } from "./card.js";

describe("renderCard", () => {
  const card = renderCard(sampleManifest, {
    "GoEmotions test, macro-F1": 0.51234,
    "p50 | one message": "2.9 ms",
  });

  test("front matter comes first and names licence, language, base and public data", () => {
    const [, front] = card.match(/^---\n([\s\S]*?)\n---\n/) ?? [];
    assert.ok(front);
    for (const line of [
      "language: en",
      "license: apache-2.0",
      'model_name: "attune-tiny"',
      'base_model: "tiny"',
      "  - google-research-datasets/go_emotions",
    ]) {
      assert.ok(front.split("\n").includes(line), line);
    }
  });

  test("names the teachers of a model that had any", () => {
    assert.ok(!card.includes("said of the training texts"));
    const teachers = [{ name: "large", base: "mpnet", share: 2 / 3, sha256: "d".repeat(64) }];
    const taught = renderCard({ ...sampleManifest, training: { ...sampleManifest.training, teachers } });
    assert.ok(taught.includes(`| large | mpnet | 0.667 | ${"d".repeat(64)} |`), taught);
  });

  test("says what it is, what it may be used for, and where it falls short", () => {
    for (const part of [
      "# attune-tiny 0.0.1",
      "2 layers, width 16, 2 heads",
      "## Intended use",
      "English only",
      "written and labelled by a language model",
      "are lower than the scores on that corpus",
      "## Responsible use",
      "not a diagnosis",
    ]) {
      assert.ok(card.includes(part), part);
    }
  });

  test("says how many bits words have where they are fewer", () => {
    assert.match(card, /; weights in int8, /);
    assert.match(
      renderCard({ ...sampleManifest, wordBits: 4 }),
      /; weights in int8 \(the word table in 4 bits\), /,
    );
  });

  test("lists each corpus with its rows and licence, a private one too", () => {
    assert.match(card, /\| goemotions \| 43,410 \| .*GoEmotions.* \| CC BY 4\.0 \|/);
    assert.match(card, /\| learner \| 15,000 \| .*language model.* \| Apache-2\.0 \|/);
    assert.match(card, /\| mine \| 10 \| .* \| see its owner \|/);
    assert.doesNotMatch(card, /EmoBank\]\(/); // not trained on, so not listed
  });

  test("shows the figures given, of validation, of agreement and of calibration", () => {
    assert.match(card, /\| GoEmotions test, macro-F1 \| 0\.512 \|/);
    assert.match(card, /\| p50 \\\| one message \| 2\.9 ms \|/);
    assert.match(card, /\| macroF1 \| 0\.512 \|/);
    assert.match(card, /\| argmax \| 0\.991 \|/);
    assert.match(card, /\| macroF1Difference \| -0\.0012 \|/);
    assert.match(card, /\| emotion \| 0\.08 \| 0\.02 \|/);
    assert.match(card, /emotion 1\.25, goemotions 1\.1, support 0\.9/);
  });

  test("names the parts in which a large model lies", () => {
    assert.match(card, /more than 48 MB lies in parts, `model\.onnx\.1`, `model\.onnx\.2`/);
  });

  test("without test figures it says so", () => {
    assert.match(renderCard(sampleManifest), /No evaluation on test data is recorded/);
    assert.doesNotMatch(card, /No evaluation on test data/);
  });

  test("its part on calibration is written anew and test figures stay", () => {
    const uncertainty = {
      ...sampleManifest.calibration.uncertainty,
      familiarity: { maxSurprise: 2.5, table: { words: "", commonShare: 0, letters: "" } },
    };
    const renewed = renewCalibration(card, {
      ...sampleManifest,
      calibration: { ...sampleManifest.calibration, uncertainty },
    });
    assert.match(renewed, /more surprising than 2\.5 nats/);
    assert.equal(renewCalibration(renewed, sampleManifest), card);
    assert.match(renewed, /GoEmotions test, macro-F1/);
  });

  test("every table has as many cells in each row as in its head", () => {
    const cells = (line: string): number => line.replaceAll("\\|", "").split("|").length;
    const lines = card.split("\n");
    for (const [i, line] of lines.entries()) {
      if (line.startsWith("|") && lines[i - 1]?.startsWith("|"))
        assert.equal(cells(line), cells(lines[i - 1] ?? ""), line);
    }
  });
});
