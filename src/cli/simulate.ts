/** @file `attune simulate`: policies on simulated learners, in a closed loop through the real readings. */
import { writeFile } from "node:fs/promises";
import { Command, InvalidArgumentError } from "commander";
import { toAppError } from "../base/errors.js";
import type { PolicyReport } from "../evaluation/policy-report.js";
import { type PolicyName, policyNames } from "../simulation-lab/policy-name.js";
import { createProgress, type Progress } from "./progress.js";
import { parseWhole } from "./test-data.js";

interface SimulateFlags {
  readonly policy: readonly PolicyName[];
  readonly learners: number;
  readonly seed: number;
  readonly seeds: number;
  readonly steps: number;
  readonly model?: string;
  readonly readiness: string;
  readonly intervention: string;
  readonly sensitivity?: boolean;
  readonly sensitivityLearners: number;
  readonly resamples: number;
  readonly threads?: number;
  readonly html?: string;
  readonly json?: string;
}

/** The command. */
export function simulateCommand(): Command {
  return new Command("simulate")
    .summary("compare policies on simulated learners")
    .description(
      "Lets policies meet the same simulated learners: what they write is read by the real models, what is decided changes what they do next.",
    )
    .option("--policy <names>", `policies, of ${policyNames.join(",")}`, parsePolicies, policyNames)
    .option("--learners <n>", "learners in all", parseWhole(1), 1000)
    .option("--seed <n>", "first seed; none that a model was fitted on", parseWhole(0), 101)
    .option("--seeds <n>", "seeds the learners are spread over, each with tasks of its own", parseWhole(1), 4)
    .option("--steps <n>", "steps of a session, unless the learner gives up", parseWhole(2), 40)
    .option("-m, --model <name|folder>", "text model (default: attune-small)")
    .option("--readiness <name|folder>", "readiness model", "attune-readiness")
    .option("--intervention <name|folder>", "intervention model of the learned policy", "attune-intervention")
    .option("--sensitivity", "also with the simulator's assumptions halved and doubled, all and part by part")
    .option("--sensitivity-learners <n>", "learners of each of these", parseWhole(1), 400)
    .option("--resamples <n>", "bootstrap resamples behind each interval", parseWhole(10), 1000)
    .option("--threads <n>", "threads inside an operator", parseWhole(1))
    .option("--html <file>", "write a page with charts")
    .option("--json <file>", "write everything as JSON")
    .addHelpText(
      "after",
      `
Examples:
  $ attune simulate --learners 2000 --html policies.html
  $ attune simulate --policy never,rule,learned --seed 7
  $ attune simulate --sensitivity --html policies.html

Learners write messages of the learner corpus's test split. All figures are simulated: see docs/simulator.md.
Exit codes: 0 compared; 3 data cannot be read; 4 a model cannot be used.`,
    )
    .action(run);
}

function parsePolicies(value: string): readonly PolicyName[] {
  const wanted = value.split(",").map((name) => name.trim());
  const unknown = wanted.find((name) => !policyNames.some((known) => known === name));
  if (unknown !== undefined)
    throw new InvalidArgumentError(`expected ${policyNames.join(", ")}, got ${unknown}`);
  return policyNames.filter((name) => wanted.includes(name));
}

async function run(flags: SimulateFlags): Promise<void> {
  const report = await compare(flags);
  const { renderPolicyTable } = await import("../evaluation/policy-report.js");
  process.stdout.write(renderPolicyTable(report));
  if (flags.json !== undefined) await write(flags.json, `${JSON.stringify(report)}\n`);
  if (flags.html !== undefined) {
    const { renderPolicyPage } = await import("../evaluation/policy-page.js");
    await write(flags.html, renderPolicyPage(report));
  }
}

async function write(path: string, text: string): Promise<void> {
  try {
    await writeFile(path, text);
  } catch (error) {
    throw toAppError(error, `writing ${path}`, "FILE_SYSTEM");
  }
}

async function compare(flags: SimulateFlags): Promise<PolicyReport> {
  const { loadParts, testSplit } = await import("./simulation-parts.js");
  const { runComparison, runSensitivity } = await import("../simulation-lab/experiment.js");
  const seeds = Array.from({ length: Math.min(flags.seeds, flags.learners) }, (_, i) => flags.seed + i);
  const reading = new Display("read messages");
  const parts = await loadParts(flags, seeds, (done, total) => reading.show(done, total)).finally(() =>
    reading.stop(),
  );
  const spread = (learners: number): number => Math.ceil(learners / seeds.length);
  const common = {
    seeds,
    steps: flags.steps,
    resamples: flags.resamples,
    voices: parts.voices,
    readiness: parts.readiness,
    learned: parts.learned,
    guards: {},
  };
  const display = new Display("simulate");
  try {
    const comparison = await runComparison({
      ...common,
      policies: flags.policy,
      learners: spread(flags.learners),
      onProgress: (done, total, policy) => display.show(done, total, policy),
    });
    display.stop();
    const bending = new Display("bend assumptions");
    const sensitivity =
      flags.sensitivity === true
        ? await runSensitivity({
            ...common,
            // The oracle takes longest, and nothing is claimed of it here.
            policies: flags.policy.filter((name) => name !== "oracle"),
            learners: spread(flags.sensitivityLearners),
            onProgress: (done, total, policy) => bending.show(done, total, policy),
          }).finally(() => bending.stop())
        : [];
    return {
      formatVersion: 1,
      simulated: true,
      comparedAt: new Date().toISOString(),
      seeds,
      learnersPerSeed: spread(flags.learners),
      steps: flags.steps,
      split: testSplit,
      models: parts.models,
      comparison,
      sensitivity,
    };
  } finally {
    display.stop();
    await parts.close();
  }
}

/** A bar that begins with the first word of how much there is. */
class Display {
  readonly #label: string;
  #progress: Progress | undefined;

  constructor(label: string) {
    this.#label = label;
  }

  show(done: number, total: number, policy?: PolicyName): void {
    this.#progress ??= createProgress({ label: this.#label, total });
    this.#progress.update(done, policy === undefined ? {} : { policy });
  }

  stop(): void {
    this.#progress?.stop();
    this.#progress = undefined;
  }
}
