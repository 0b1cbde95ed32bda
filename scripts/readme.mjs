/**
 * @file Puts the figures of the last evaluation and the words of a real analysis into README.md, so that none is typed.
 * `node scripts/readme.mjs docs/results/evaluation.json …` after `attune evaluate --json docs/results/evaluation.json`;
 * one file a shipped model, the default model's first.
 */
import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { root } from "./setup.mjs";

const message = "im so lost, i've tried this 5 times";

const three = (x) => x.toFixed(3).replace(/^0/, "").replace(/^-0/, "-");
const figure = ({ value, low, high }) => `**${three(value)}** (${three(low)} to ${three(high)})`;

/** The table people look for first. */
function renderFigures(result, manifest) {
  const { goemotions, learner, emobank, speed, size, seed, resamples, machine } = result;
  const { registers, clusters } = learner;
  const rows = [
    [
      "GoEmotions test, 28 labels, macro-F1, thresholds from dev",
      figure(goemotions.fitted.macroF1),
      "published MiniLMv2-L6 int8 .482; best strict RoBERTa-large .533",
    ],
    ["… one threshold for all labels", figure(goemotions.global.macroF1), ""],
    ["… threshold .5", figure(goemotions.half.macroF1), ""],
    [
      "learner text, two registers by writers never trained on, 41 classes: top-1",
      figure(registers.accuracy),
      `${registers.rows.toLocaleString("en-US")} rows; chance .024`,
    ],
    ["… macro-F1", figure(registers.macroF1), ""],
    ["… top-3", figure(registers.top3), ""],
    [
      "inventive learner text held out, 41 classes: top-1",
      figure(clusters.accuracy),
      `${clusters.rows.toLocaleString("en-US")} rows`,
    ],
    ["… top-3", figure(clusters.top3), ""],
    [
      "pleasure, arousal, dominance of learner text: r",
      [registers.pad.pleasure, registers.pad.arousal, registers.pad.dominance]
        .map(({ r }) => `**${three(r.value)}**`)
        .join(" / "),
      `mean error ${[registers.pad.pleasure, registers.pad.arousal, registers.pad.dominance].map(({ mae, constantMae }) => `${three(mae.value)} (constant ${three(constantMae)})`).join(", ")}`,
    ],
    ["readiness: r", figure(registers.readiness.r), ""],
    [
      "support: within one level",
      figure(registers.support.withinOne),
      `exact ${three(registers.support.accuracy.value)}, quadratic κ ${three(registers.support.kappa.value)}`,
    ],
    [
      "EmoBank test, valence / arousal / dominance: r",
      [emobank.valence, emobank.arousal, emobank.dominance]
        .map(({ r }) => `**${three(r.value)}**`)
        .join(" / "),
      "RoBERTa-large .838 / .573 / .536; a constant 0",
    ],
    [
      "calibration error (ECE) of the 41 classes: registers / inventive",
      `**${three(registers.calibration.eceAfter)}** / **${three(clusters.calibration.eceAfter)}**`,
      `before calibration ${three(registers.calibration.eceBefore)} / ${three(clusters.calibration.eceBefore)}; honest confidence would show ${three(registers.calibration.eceFloor)} / ${three(clusters.calibration.eceFloor)} on so few rows`,
    ],
    [
      "prediction sets at 90 %: coverage / mean size, registers",
      `**${three(registers.sets.covered.value)}** / **${registers.sets.meanSize.value.toFixed(2)}**`,
      `inventive ${three(clusters.sets.covered.value)} / ${clusters.sets.meanSize.value.toFixed(2)}`,
    ],
    ["classes predicted at least once", `**${registers.classesPredicted} of 41**`, ""],
    [
      "one 20-token message, warm, p50: 2 threads / 1 thread",
      `**${speed.twoThreads.p50Ms.toFixed(2)} ms** / **${speed.oneThread.p50Ms.toFixed(2)} ms**`,
      `${machine.cores} cores, ${machine.cpu}`,
    ],
    [
      "batch, 2 threads",
      `**${Math.round(speed.batch.messagesPerSecond).toLocaleString("en-US")} messages/s**`,
      "",
    ],
    ["model directory", `**${(size.bytes / 1e6).toFixed(1)} MB**`, ""],
  ];
  const agreement = manifest.agreement;
  return [
    `\`${result.model.name}\` ${result.model.version} (int8), through the engine, on test data nothing was trained or tuned on; 95 % bootstrap`,
    `intervals (${resamples} resamples, seed ${seed}). Its last ${manifest.training.experiment.includes("+") ? "runs, averaged," : "run"} took ${Math.round(manifest.training.minutes)} minutes in Node on 2 CPU cores; those before: [docs/experiments.md](docs/experiments.md).`,
    "",
    "| figure | value | for comparison |",
    "|---|---|---|",
    ...rows.map((cells) => `| ${cells.join(" | ")} |`),
    "",
    `int8 against fp32 on validation: ${(100 * agreement.argmax).toFixed(2)} % equal main emotions, macro-F1 ${agreement.macroF1Difference >= 0 ? "+" : "−"}${three(Math.abs(agreement.macroF1Difference))} (41 classes), ${agreement.goemotionsMacroF1Difference >= 0 ? "+" : "−"}${three(Math.abs(agreement.goemotionsMacroF1Difference))} (GoEmotions).`,
  ].join("\n");
}

/** What the command line answers, for real. */
function renderExample() {
  const run = spawnSync(process.execPath, [join(root, "bin", "attune.js"), "analyze", message], {
    encoding: "utf8",
    env: { ...process.env, NO_COLOR: "1" },
  });
  if (run.status !== 0) throw new Error(`attune analyze failed: ${run.stderr}`);
  return ["```text", `$ attune analyze "${message}"`, run.stdout.trimEnd(), "```"].join("\n");
}

/** Resident memory of a process of its own that has loaded a model and answered once, bytes. */
function measureMemory(model) {
  const script = `
    import { EmotionEngine } from ${JSON.stringify(pathToFileURL(join(root, "dist/src/index.js")).href)};
    const engine = await EmotionEngine.load({ model: ${JSON.stringify(model)}, threads: 2 });
    await engine.analyze(${JSON.stringify(message)});
    console.log(process.memoryUsage.rss());`;
  const run = spawnSync(process.execPath, ["--input-type=module", "--eval", script], { encoding: "utf8" });
  if (run.status !== 0) throw new Error(`loading ${model} failed: ${run.stderr}`);
  return Number(run.stdout);
}

/** One row a shipped model, to choose by. */
function renderChoice(results) {
  const rows = results.map(({ model, goemotions, learner, emobank, people, size, speed }) => [
    `\`${model.name}\``,
    three(goemotions.fitted.macroF1.value),
    three(learner.registers.accuracy.value),
    three(learner.clusters.accuracy.value),
    [emobank.valence, emobank.arousal, emobank.dominance].map(({ r }) => three(r.value)).join(" / "),
    [people.lemotif, people.xed].map(({ firstAmongItsOwn }) => three(firstAmongItsOwn.value)).join(" / "),
    `${(size.bytes / 1e6).toFixed(0)} MB`,
    `${speed.twoThreads.p50Ms.toFixed(1)} ms`,
    Math.round(speed.batch.messagesPerSecond).toLocaleString("en-US"),
    `${Math.round(measureMemory(model.name) / 1e6)} MB`,
  ]);
  return [
    "| `--model` | GoEmotions macro-F1 | registers top-1 | inventive top-1 | EmoBank r V / A / D | people's text: lemotif / XED | on disk | one message | messages/s | memory |",
    "|---|---|---|---|---|---|---|---|---|---|",
    ...rows.map((cells) => `| ${cells.join(" | ")} |`),
  ].join("\n");
}

function replaceBlock(text, name, content) {
  const pattern = new RegExp(`(<!-- ${name} -->)[\\s\\S]*?(<!-- /${name} -->)`);
  if (!pattern.test(text)) throw new Error(`README.md: expected a block <!-- ${name} -->`);
  return text.replace(pattern, (_, open, close) => `${open}\n\n${content}\n\n${close}`);
}

/** The default model's results first. */
const files = process.argv.length > 2 ? process.argv.slice(2) : [join(root, "docs/results/evaluation.json")];
const results = files.map((file) => JSON.parse(readFileSync(file, "utf8")));
const [result] = results;
const manifest = JSON.parse(readFileSync(join(root, "models", result.model.name, "model.json"), "utf8"));
const path = join(root, "README.md");
let text = readFileSync(path, "utf8");
text = replaceBlock(text, "example", renderExample());
text = replaceBlock(text, "figures", renderFigures(result, manifest));
text = replaceBlock(text, "choice", renderChoice(results));
writeFileSync(path, text);
