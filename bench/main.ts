/** @file `npm run bench`: runs the benchmarks named, or all but those left to request, and keeps their figures. */
import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";
import { type BenchOptions, print, publish, type Section, save } from "./report.js";

/** Benchmarks by name, loaded when run. */
const benchmarks: Readonly<Record<string, (options: BenchOptions) => Promise<Section>>> = {
  training: async (options) => (await import("./training.js")).benchTraining(options),
  "training-mpnet": async (options) => (await import("./training.js")).benchTeacherTraining(options),
  message: async (options) => (await import("./message.js")).benchMessage(options),
  batch: async (options) => (await import("./batch.js")).benchBatch(options),
  start: async (options) => (await import("./start.js")).benchStart(options),
  memory: async (options) => (await import("./memory.js")).benchMemory(options),
  coverage: async (options) => (await import("./coverage.js")).benchCoverage(options),
};

/** Takes an hour: only when asked for. */
const slow = "memory";

/** Run only when named: the slow one, one that needs a large encoder, and one that measures no speed. */
const onRequest: readonly string[] = [slow, "training-mpnet", "coverage"];

const help = `Usage: npm run bench -- [${Object.keys(benchmarks).join("|")} …] [options]

Runs every benchmark but ${new Intl.ListFormat("en").format(onRequest.map((name) => `\`${name}\``))}, or those named. Figures go to bench/results/latest.json.

  training         a training step of the small model (MiniLM)
  training-mpnet   a training step of the teacher (MPNet): all weights, and part of them frozen
  message          one message, warm
  batch            many messages at once
  start            a whole \`attune analyze\`
  memory           memory of training, and of analysing a million messages
  coverage         no speed: how often the intervals of docs/off-policy.md hold the truth

  --threads N      threads for training and batches (default: all cores)
  --torch          set up PyTorch for comparison, in the user's cache folder
  --transformers   set up @huggingface/transformers for comparison, there too
  --model NAME     model to measure: a shipped name or a folder (default: attune-small)
  --memory         also run \`memory\`: training, and a million messages
  --lines N        messages of \`memory\` (default: 1000000)
  --publish        put what was measured into docs/performance.md (coverage: docs/off-policy.md)
  --quick          few runs, to see that it works; not to be quoted
`;

function fail(message: string): never {
  process.stderr.write(`error USAGE: bench: ${message}\n`);
  process.exit(2);
}

function parse(): { names: readonly string[]; publishes: boolean; options: BenchOptions } {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      threads: { type: "string" },
      lines: { type: "string" },
      model: { type: "string" },
      torch: { type: "boolean", default: false },
      transformers: { type: "boolean", default: false },
      memory: { type: "boolean", default: false },
      publish: { type: "boolean", default: false },
      quick: { type: "boolean", default: false },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  if (values.help) {
    process.stdout.write(help);
    process.exit(0);
  }
  const count = (value: string | undefined, otherwise: number, name: string): number => {
    if (value !== undefined && !/^[1-9]\d*$/.test(value))
      fail(`expected --${name} to be a whole number, got ${value}`);
    return value === undefined ? otherwise : Number(value);
  };
  const unknown = positionals.find((name) => !(name in benchmarks));
  if (unknown) fail(`expected one of ${Object.keys(benchmarks).join(", ")}, got ${unknown}; see --help`);
  const standard = Object.keys(benchmarks).filter((name) => !onRequest.includes(name));
  const chosen = positionals.length > 0 ? positionals : standard;
  const { torch, transformers, quick, model, memory } = values;
  if (values.publish && quick)
    fail("expected --publish or --quick, got both; quick figures are not to be quoted");
  return {
    publishes: values.publish,
    names: memory && !chosen.includes(slow) ? [...chosen, slow] : chosen,
    options: {
      threads: count(values.threads, availableParallelism(), "threads"),
      lines: count(values.lines, 1_000_000, "lines"),
      torch,
      transformers,
      quick,
      model,
    },
  };
}

let parsed: ReturnType<typeof parse>;
try {
  parsed = parse();
} catch (error) {
  fail(`${error instanceof Error ? error.message : error}; see --help`);
}
const sections: Record<string, Section> = {};
for (const name of parsed.names) {
  process.stderr.write(`${name} …\n`);
  const section = await benchmarks[name]?.(parsed.options);
  if (section === undefined) continue;
  sections[name] = section;
  process.stdout.write(print(section));
}
process.stdout.write(`\nFigures: ${save(sections, parsed.options)}\n`);
if (parsed.publishes) process.stdout.write(`Published: ${publish(sections).join(", ")}\n`);
