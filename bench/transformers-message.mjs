/**
 * @file The other side of the message benchmark: @huggingface/transformers embeds one message with the same encoder.
 * Usage: transformers-message.mjs PACKAGE_FOLDER MODELS_FOLDER NAME DTYPE THREADS TEXT; DTYPE `default` is its own choice.
 * Prints one JSON line when ready, then for each line N on stdin runs N times and prints the milliseconds as JSON.
 */
import { createRequire } from "node:module";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";

const [packages, models, name, dtype, threads, text] = process.argv.slice(2);
const entry = createRequire(join(packages, "package.json")).resolve("@huggingface/transformers");
const { env, pipeline } = await import(pathToFileURL(entry).href);
env.localModelPath = models;
env.allowRemoteModels = false;

const embed = await pipeline("feature-extraction", name, {
  device: "cpu",
  ...(dtype === "default" ? {} : { dtype }),
  session_options: { intraOpNumThreads: Number(threads) },
});
process.stdout.write(`${JSON.stringify({ transformers: env.version })}\n`);
for await (const line of createInterface({ input: process.stdin })) {
  const samples = [];
  for (let run = 0; run < Number(line); run++) {
    const startedAt = performance.now();
    await embed(text, { pooling: "mean" });
    samples.push(performance.now() - startedAt);
  }
  process.stdout.write(`${JSON.stringify(samples)}\n`);
}
