import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { createColors } from "picocolors";
import { AppError } from "../base/errors.js";
import { Random } from "../base/random.js";
import type { HeadLogits } from "../calibration/calibration.js";
import { uncalibrated } from "../calibration/fit.js";
import type { Example, LoadedCorpus } from "../data/example.js";
import { composeAnalysis, type Inspection } from "../engine/composition.js";
import { type EvaluatedEngine, type EvaluationOptions, evaluate } from "./evaluate.js";
import { checkGates, enforceGates, readGates } from "./gates.js";
import { renderPictures, renderReport } from "./report.js";
import { type EvaluationResult, isSkipped } from "./result.js";
import { listCardFigures } from "./summary.js";
import { renderTerminal } from "./terminal.js";

const calibration = {
  ...uncalibrated,
  // As after a fit: a head fitted on no rows would be silent.
  rows: { emotion: 100, goemotions: 100, support: 100 },
  conformal: { method: "raps", coverage: 0.9, quantile: 0.6, penalty: 0.05, freeClasses: 2 },
  uncertainty: { minConfidence: 0.3, maxSetSize: 4, maxUnknownShare: 0.3 },
} as const;

/** 410 rows of a register held out whole, 410 of a cluster in part, 100 of a register that was trained on. */
function learnerRow(index: number): Example {
  const slice = index < 410 ? "register-06-vocational" : index < 820 ? "cluster-2" : "register-01-pupils";
  return {
    id: `learner/${slice}:${index}`,
    text: `class ${index % 41} level ${index % 6} row ${index}`,
    split: slice === "register-06-vocational" || index % 10 > 0 ? "test" : "train",
    slice,
    emotion: { primary: index % 41, also: [] },
    pad: [(index % 11) / 10, (index % 7) / 6, (index % 5) / 4],
    readiness: (index % 9) / 8,
    support: index % 6,
  };
}
const corpus = (name: string, examples: readonly Example[]): LoadedCorpus => ({
  name,
  examples,
  badRows: [],
  duplicatesRemoved: 0,
  unlabelled: 0,
  sha256: "",
});
const learner = corpus(
  "learner",
  Array.from({ length: 920 }, (_, index) => learnerRow(index)),
);
const goemotions = corpus(
  "goemotions",
  Array.from({ length: 280 }, (_, index) => ({
    id: `goemotions/${index}`,
    text: `label ${index % 28} row ${index}`,
    split: "test",
    goemotions: [index % 28],
  })),
);

/** Reads the truth out of the text and blurs it, so that figures of known height come out. */
function blur(text: string, blunder: boolean): HeadLogits {
  const at = (word: string, fallback: number): number =>
    Number(new RegExp(`${word} (\\d+)`).exec(text)?.[1] ?? fallback);
  const random = Random.seeded(1, text);
  const row = at("row", 0);
  const favour = (size: number, index: number, by: number): Float32Array =>
    Float32Array.from({ length: size }, (_, i) => random.normal() + (i === index ? by : 0));
  // Every fifth row is taken for the next class.
  const miss = blunder && row % 5 === 0 ? 1 : 0;
  const goemotions = favour(28, at("label", 0), 8).map((x) => x - 4);
  const logit = (p: number): number => Math.log((p + 0.01) / (1.01 - p));
  return {
    emotion: favour(41, (at("class", 40) + miss) % 41, 7),
    goemotions,
    pad: Float32Array.of(logit((row % 11) / 10), logit((row % 7) / 6), logit(0.5)),
    emobank: favour(3, 0, 0),
    readiness: Float32Array.of(logit((row % 9) / 8) + random.normal()),
    support: favour(6, at("level", 0), 6),
  };
}

class FakeEngine implements EvaluatedEngine {
  readonly model = { name: "fake <model>", version: "1.0.0" };
  closed = false;
  async inspect(texts: readonly string[]): Promise<readonly Inspection[]> {
    return texts.map((text) =>
      composeAnalysis(
        blur(text, true),
        { characters: text.length, tokens: text.length % 40, unknown: 0 },
        { ...this.model, calibration },
        () => 1,
      ),
    );
  }
  analyze(text: string): Promise<Inspection["analysis"]>;
  analyze(texts: readonly string[]): Promise<readonly Inspection["analysis"][]>;
  async analyze(
    input: string | readonly string[],
  ): Promise<Inspection["analysis"] | readonly Inspection["analysis"][]> {
    if (input === "") throw new AppError("INPUT_EMPTY", "analyze: expected text, got none; send some");
    const inspections = await this.inspect(typeof input === "string" ? [input] : input);
    return typeof input === "string"
      ? (inspections[0] as Inspection).analysis
      : inspections.map(({ analysis }) => analysis);
  }
  async close(): Promise<void> {
    this.closed = true;
  }
}

const engines: FakeEngine[] = [];
const options: EvaluationOptions = {
  load: async () => {
    const engine = new FakeEngine();
    engines.push(engine);
    return engine;
  },
  calibration,
  corpora: {
    learner: async () => learner,
    goemotions: async () => goemotions,
    emobank: async () => {
      throw new AppError("DATA_NOT_FOUND", "emobank: expected emobank.csv, got no such file; fetch it");
    },
  },
  challenges: async () => [
    {
      name: "two-kinds",
      items: [
        { id: "k-1", text: "class 0 row 1", expect: { anyOf: ["joy"] } },
        { id: "k-2", text: "class 1 <b>row 2</b>", expect: { noneOf: ["sadness"] } },
      ],
    },
  ],
  seed: 7,
  resamples: 50,
};
const result = await evaluate(options);

function measured<T extends object>(part: T): Exclude<T, { readonly skipped: string }> {
  assert.ok(!isSkipped(part));
  return part as Exclude<T, { readonly skipped: string }>;
}

describe("evaluate", () => {
  test("learner slices are measured apart, registers only where held out whole, and come out as built", () => {
    const registers = measured(result.learner.registers);
    const clusters = measured(result.learner.clusters);
    assert.equal(registers.rows, 410);
    assert.equal(clusters.rows, 369);
    // Rows 0, 5, 10 … are blundered.
    assert.ok(Math.abs(registers.accuracy.value - 0.8) < 0.02, `${registers.accuracy.value}`);
    assert.ok(registers.accuracy.low < 0.8 && registers.accuracy.high > 0.8);
    assert.equal(registers.classesPredicted, 41);
    assert.deepEqual(
      registers.slices.filter((one) => one.by === "source").map((one) => one.name),
      ["register-06-vocational"],
    );
    assert.equal(
      registers.slices.filter((one) => one.by === "length").reduce((sum, one) => sum + one.rows, 0),
      410,
    );
    assert.equal(
      registers.confusion.flat().reduce((a, b) => a + b),
      410,
    );
  });

  test("affect, readiness and support come out as built, and a constant answer correlates with nothing", () => {
    const registers = measured(result.learner.registers);
    const pad = measured(registers.pad);
    assert.ok(pad.pleasure.r.value > 0.999 && pad.pleasure.mae.value < 0.02);
    assert.equal(pad.dominance.r.value, 0);
    assert.equal(pad.outOfRange, 0);
    const readiness = measured(registers.readiness);
    assert.ok(readiness.r.value > 0.8 && readiness.r.value < 0.999);
    assert.ok(measured(registers.support).kappa.value > 0.95);
  });

  test("GoEmotions: all ways to choose thresholds", () => {
    const figures = measured(result.goemotions);
    assert.equal(figures.rows, 280);
    assert.deepEqual(figures.fitted.macroF1, figures.half.macroF1);
    assert.ok(figures.anyMatch.value > 0.99);
    assert.equal(figures.perLabel.length, 28);
  });

  test("an absent corpus is skipped with the reason; a broken one is an error", async () => {
    assert.ok(isSkipped(result.emobank));
    assert.match(result.emobank.skipped, /emobank.csv/);
    const broken = async (): Promise<LoadedCorpus> => {
      throw new AppError("DATA_INVALID", "emobank: broken");
    };
    await assert.rejects(evaluate({ ...options, only: ["emobank"], corpora: { emobank: broken } }), {
      code: "DATA_INVALID",
    });
  });

  test("challenges: measured where the sets are there, skipped with the reason where not", async () => {
    const challenges = measured(result.challenges);
    assert.equal(challenges.asExpected.value, 0.5);
    assert.deepEqual(
      challenges.sets["two-kinds"]?.failures.map(({ id }) => id),
      ["k-2"],
    );
    const absent = async () => {
      throw new AppError("DATA_NOT_FOUND", "challenges: expected .jsonl files, got none; install again");
    };
    const told: [string, number, number][] = [];
    const only = ["challenges"] as const;
    const onProgress = (...step: [string, number, number]): void => void told.push(step);
    const skipped = await evaluate({ ...options, only, challenges: absent, onProgress });
    assert.deepEqual(skipped.challenges, {
      skipped: "challenges: expected .jsonl files, got none; install again",
    });
    const again = await evaluate({ ...options, only, onProgress });
    assert.deepEqual(again.challenges, result.challenges);
    assert.deepEqual(told, [["challenges", 2, 2]]);
    const { challenges: _, ...without } = options;
    assert.deepEqual((await evaluate({ ...without, only })).challenges, {
      skipped: "no challenge sets given",
    });
    assert.deepEqual((await evaluate({ ...options, only: ["edges"] })).challenges, {
      skipped: "not asked for",
    });
  });

  test("edge texts without the documented error are counted as failures", () => {
    const edges = measured(result.edges);
    assert.equal(edges.cases.find((one) => one.name === "empty")?.got, "INPUT_EMPTY");
    // The fake answers blanks, invisible characters, over-long text and broken Unicode.
    assert.equal(edges.failed, 4);
  });

  test("the same seed gives the same figures, and every engine is closed", async () => {
    const again = await evaluate({ ...options, only: ["learner", "goemotions"] });
    assert.deepEqual(again.learner, result.learner);
    assert.deepEqual(again.goemotions, result.goemotions);
    assert.deepEqual(again.speed, { skipped: "not asked for" });
    assert.ok(engines.length > 3 && engines.every((engine) => engine.closed));
  });

  test("JSON holds everything: no figure is lost as NaN", () => {
    const json = JSON.stringify(result);
    assert.deepEqual(JSON.parse(json), result);
  });
});

describe("gates", async () => {
  const folder = await mkdtemp(join(tmpdir(), "attune-gates-"));
  after(() => rm(folder, { recursive: true }));

  test("the guide's gates name figures that exist", async () => {
    const guide = await readGates(
      fileURLToPath(new URL("../../../experiments/guide-gates.json", import.meta.url)),
    );
    const whole: EvaluationResult = { ...result, size: { bytes: 30e6, files: 4 } };
    for (const { gate, value } of checkGates(whole, guide)) {
      assert.equal(typeof value, "number", gate.figure);
    }
  });

  test("each kind of limit, on both sides", () => {
    const at = (limit: object): boolean =>
      checkGates(result, [{ figure: "learner.registers.rows", ...limit }])[0]?.passed ?? false;
    assert.deepEqual([at({ atLeast: 410 }), at({ atLeast: 411 })], [true, false]);
    assert.deepEqual([at({ atMost: 410 }), at({ atMost: 409 })], [true, false]);
    assert.deepEqual([at({ above: 409 }), at({ above: 410 })], [true, false]);
    assert.deepEqual([at({ below: 411 }), at({ below: 410 })], [true, false]);
    const [challenge] = checkGates(result, [
      { figure: "challenges.sets.two-kinds.asExpected", atLeast: 0.5 },
    ]);
    assert.ok(challenge?.passed);
  });

  test("a skipped or unknown figure fails with the reason", () => {
    const [skipped, unknown, part] = checkGates(result, [
      { figure: "emobank.valence.r", atLeast: 0 },
      { figure: "learner.registers.acuracy", atLeast: 0 },
      { figure: "learner.registers.calibration", atLeast: 0 },
    ]);
    assert.match(skipped?.reason ?? "", /emobank was skipped: emobank: expected emobank.csv/);
    assert.match(
      unknown?.reason ?? "",
      /no figure learner.registers.acuracy: learner.registers has rows, accuracy/,
    );
    assert.match(part?.reason ?? "", /is no number/);
  });

  test("a missed gate throws, a missed goal does not", () => {
    const missed = checkGates(result, [{ figure: "learner.registers.accuracy", atLeast: 2 }]);
    assert.throws(() => enforceGates(missed), {
      code: "GATE_NOT_MET",
      message: /learner.registers.accuracy/,
    });
    enforceGates(checkGates(result, [{ figure: "learner.registers.accuracy", atLeast: 2, goal: true }]));
  });

  test("files that are no gates are refused by name", async () => {
    await assert.rejects(readGates(join(folder, "none.json")), { code: "DATA_NOT_FOUND" });
    for (const bad of [
      "{",
      "[]",
      '{"gates": []}',
      '{"gates": [{"figure": "size.bytes"}]}',
      '{"gates": [{"figure": "a", "atleast": 1}]}',
    ]) {
      const path = join(folder, "bad.json");
      await writeFile(path, bad);
      await assert.rejects(readGates(path), { code: "CONFIG_INVALID" }, bad);
    }
  });
});

describe("reports", () => {
  test("the page is whole, escaped and fetches nothing", () => {
    const page = renderReport(result, checkGates(result, [{ figure: "emobank.valence.r", atLeast: 0 }]));
    assert.ok(page.includes("fake &lt;model&gt;") && !page.includes("fake <model>"));
    assert.equal(page.match(/<svg /g)?.length, page.match(/<\/svg>/g)?.length);
    assert.equal(page.match(/<figure>/g)?.length, 9);
    assert.doesNotMatch(
      page.replaceAll("http://www.w3.org", ""),
      /(?:src|href)=|https?:\/\/(?!example\.org)|url\(http|NaN|undefined/,
    );
    assert.match(page, /Skipped: emobank/);
    assert.match(page, /two kinds <span class="note">1 of 2 items/);
    assert.match(page, /class 1 &lt;b&gt;row 2&lt;\/b&gt;<\/td><td>not sadness<\/td><td>sadness /);
  });

  test("pictures are SVG files of their own, with a ground and a title", () => {
    const pictures = renderPictures(result);
    assert.deepEqual(
      pictures.map(({ file }) => file),
      [
        "confusion-registers.svg",
        "confusion-clusters.svg",
        "f1-registers.svg",
        "f1-clusters.svg",
        "reliability.svg",
        "risk-coverage.svg",
        "pad-registers.svg",
        "pad-clusters.svg",
        "goemotions-f1.svg",
      ],
    );
    for (const { svg } of pictures) {
      assert.match(svg, /^<svg xmlns=[^>]+color="#1f2328"/);
      assert.equal(svg.match(/<g[ >]/g)?.length, svg.match(/<\/g>/g)?.length);
    }
  });

  test("the terminal has every figure and says what was skipped", () => {
    const gates = checkGates(result, [{ figure: "emobank.valence.r", atLeast: 0 }]);
    const text = renderTerminal(result, gates, createColors(false));
    assert.match(text, /top-1 accuracy +.*0\.\d\d\d/);
    assert.match(text, /skipped.*: emobank/);
    assert.match(
      text,
      /two kinds +0\.500 {2}\[0\.000 to 1\.000\] {2}2 items, 1 missed \(\d in doubt\); always joy: 1\.000/,
    );
    assert.match(text, /✖ emobank.valence.r {2}emobank was skipped/);
  });

  test("the card's figures leave out what was skipped", () => {
    const figures = listCardFigures(result);
    assert.match(
      figures["Learner text, plain, unseen writers: macro-F1"] ?? "",
      /^0\.\d\d\d \(0\.\d+ to 0\.\d+\)$/,
    );
    assert.ok(!Object.keys(figures).some((name) => name.startsWith("EmoBank")));
  });
});
