/** @file How many messages a second are analysed when many come at once. */
import { loadLearner } from "../src/data/corpora/learner.js";
import { EmotionEngine } from "../src/engine/engine.js";
import { findModel } from "./model.js";
import { type BenchOptions, type Section, skip } from "./report.js";
import { median, quantile, timeRuns } from "./sample.js";

const title = "Many messages at once";

/** Measures real messages: those of the learner corpus's test split, in its order. */
export async function benchBatch(options: BenchOptions): Promise<Section> {
  const model = findModel(options);
  if ("missing" in model) return skip(title, model.missing);
  const { examples } = await loadLearner();
  const texts = examples.filter(({ split }) => split === "test").map(({ text }) => text);
  const messages = texts.slice(0, options.quick ? 128 : 2048);
  const engine = await EmotionEngine.load({ model: model.folder, threads: options.threads });
  await engine.analyze(messages.slice(0, 256));
  const samples = await timeRuns(options.quick ? 2 : 7, () => engine.analyze(messages));
  await engine.close();
  const rates = samples.map((ms) => (1000 * messages.length) / ms);
  return {
    title,
    rows: [
      ["messages", `${messages.length}`, "learner corpus, test split"],
      [
        "rate",
        `${median(rates).toFixed(0)} a second`,
        `${options.threads} threads; at least 500 wanted on 2 cores`,
      ],
      ["slowest and fastest run", `${quantile(rates, 0).toFixed(0)} – ${quantile(rates, 1).toFixed(0)}`],
    ],
    figures: { messages: messages.length, perSecond: median(rates) },
  };
}
