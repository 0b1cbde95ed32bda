/** @file Trains for some steps in batches of all lengths and prints the peak of resident memory, in MB: a process for the memory benchmark. */
import { readEncoderConfig } from "../src/model/encoder-config.js";
import { listEncoderParameters } from "../src/model/encoder-parameters.js";
import { loadWeights } from "../src/model/weights.js";
import { TrainingStep } from "./training-step.js";

const [folder = "", steps = "60", threads = "0"] = process.argv.slice(2);
const config = await readEncoderConfig(folder);
const weights = await loadWeights(folder, listEncoderParameters(config));
const step = await TrainingStep.open(config, weights, Number(threads), { ema: true });
for (let i = 0; i < Number(steps); i++) await step.run(step.batch(32, 64 - ((i * 7) % 57)));
await step.close();
// Kilobytes on every platform that Node runs on.
process.stdout.write(`${(process.resourceUsage().maxRSS / 1e3).toFixed(0)}\n`);
