/** @file `attune train`: runs an experiment with a live display, and makes a model folder of it when it is done. */
import { join } from "node:path";
import { Command } from "commander";
import type { AnyExperiment } from "../training/kinds.js";
import type { Undated } from "../training/record/event-log.js";
import { parseCount } from "./count.js";
import { createProgress, type Progress } from "./progress.js";

interface TrainFlags {
  readonly run?: string;
  readonly resume?: boolean;
  readonly device?: string;
  readonly threads?: string;
  readonly seed?: string;
  readonly outcomes?: string;
  readonly export: boolean;
}

const examples = `
Examples:
  $ attune train experiments/small.json
  $ attune train experiments/small.json --run runs/second --seed 2
  $ attune train experiments/small.json --resume
  $ attune train experiments/intervention.json --outcomes data/outcomes

A run's folder holds events.jsonl (all that happened), run.html (its curves, also while it trains), the checkpoints and,
when it is done, the model. Ctrl-C writes a checkpoint and ends; --resume goes on as if nothing had happened.
Corpora and encoders: attune fetch goemotions emobank minilm`;

/** The command. */
export function trainCommand(): Command {
  return new Command("train")
    .summary("train a model from an experiment file")
    .description("Trains a model as an experiment file says, in this process, on this machine.")
    .argument("<experiment>", "path of the experiment, e.g. experiments/small.json")
    .option("--run <folder>", "where the run is kept (default: runs/NAME)")
    .option("--resume", "go on from the newest checkpoint")
    .option("--device <name>", "execution provider: cpu, cuda, …")
    .option("--threads <n>", "threads inside an operator")
    .option("--seed <n>", "another seed than the experiment's")
    .option("--outcomes <folder>", "logged outcomes to learn from, for an intervention experiment")
    .option("--no-export", "leave the model folder unmade")
    .addHelpText("after", examples)
    .action(async (path: string, flags: TrainFlags) => {
      process.exitCode = await train(path, flags);
    });
}

async function train(path: string, flags: TrainFlags): Promise<number> {
  const { isIntervention, isReadiness, parseAnyExperiment, readAnyExperiment } = await import(
    "../training/kinds.js"
  );
  const { launchRun } = await import("../training/launch.js");
  const given = readAnyExperiment(path);
  const changes = {
    ...(flags.device === undefined ? {} : { device: flags.device }),
    ...(flags.threads === undefined ? {} : { threads: parseCount("--threads", flags.threads) }),
    ...(flags.seed === undefined ? {} : { seed: parseCount("--seed", flags.seed) }),
    ...(flags.outcomes === undefined ? {} : { outcomes: flags.outcomes }),
  };
  const experiment = parseAnyExperiment({ ...given, ...changes }, path);
  const folder = flags.run ?? join("runs", experiment.name);
  const display = new Display(folder, experiment);
  const run = launchRun(experiment, folder, flags.resume === true, (event) => display.show(event));
  const stop = (): void => {
    display.say("stopping: writing a checkpoint");
    run.stop();
  };
  process.once("SIGINT", stop).once("SIGTERM", stop);
  try {
    const outcome = await run.outcome;
    display.stop();
    if (outcome.reason === "interrupted") {
      display.say(
        `stopped at step ${outcome.step} of ${outcome.totalSteps}; go on with: attune train ${path} --run ${folder} --resume`,
      );
      return 0;
    }
  } finally {
    display.stop();
    process.off("SIGINT", stop).off("SIGTERM", stop);
  }
  if (flags.export) {
    const { exportInterventionTo, exportReadinessTo, exportTo } = await import("./export.js");
    const to = join(folder, "model");
    if (isReadiness(experiment)) await exportReadinessTo(folder, to, { name: experiment.name });
    else if (isIntervention(experiment)) await exportInterventionTo(folder, to, { name: experiment.name });
    else await exportTo([folder], to, { precision: "int8", name: experiment.name });
  }
  return 0;
}

/** What a person sees of a run: a bar on a terminal, lines in a log. */
class Display {
  readonly #folder: string;
  readonly #experiment: AnyExperiment;
  #progress: Progress | undefined;
  /** Losses as they move, smoothed so that they can be read. */
  readonly #losses = new Map<string, number>();

  constructor(folder: string, experiment: AnyExperiment) {
    this.#folder = folder;
    this.#experiment = experiment;
  }

  show(event: Undated): void {
    switch (event.type) {
      case "start":
        this.say(
          `${this.#experiment.name}: ${event.facts.parameters?.toLocaleString("en-US")} parameters, ${event.facts.trainRows?.toLocaleString("en-US")} training rows, ${event.totalSteps.toLocaleString("en-US")} steps; ${join(this.#folder, "run.html")}`,
        );
        this.#progress = createProgress({ label: "train", total: event.totalSteps });
        this.#progress.update(event.step);
        break;
      case "step":
        for (const [head, loss] of Object.entries(event.losses)) {
          const before = this.#losses.get(head) ?? loss;
          this.#losses.set(head, before + 0.05 * (loss - before));
        }
        this.#progress?.update(event.step, {
          loss: event.loss,
          ...Object.fromEntries(this.#losses),
          // Only a text model has an encoder to train.
          lr: "kind" in this.#experiment ? event.learningRate.heads : event.learningRate.encoder,
          "examples/s": Math.round(event.examplesPerSecond),
        });
        break;
      case "evaluation": {
        const figures = Object.entries(event.figures).map(([name, value]) => `${name} ${value.toFixed(3)}`);
        this.say(`step ${event.step}: ${figures.join(", ")}${event.best ? " (best so far)" : ""}`);
        break;
      }
      case "end":
        this.say(`${event.reason} at step ${event.step} after ${(event.seconds / 60).toFixed(1)} minutes`);
        break;
      case "warning":
        this.say(`warning: ${event.message}`);
        break;
      case "checkpoint":
      case "error":
        break;
    }
  }

  say(text: string): void {
    process.stderr.write(`${process.stderr.isTTY ? "\n" : ""}${text}\n`);
  }

  stop(): void {
    this.#progress?.stop();
    this.#progress = undefined;
  }
}
