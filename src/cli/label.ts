/** @file `attune label`: a teacher's answers for every training text, as soft labels a student learns from. */
import { Command, Option } from "commander";

interface LabelFlags {
  readonly teacher: readonly string[];
  readonly weights?: readonly string[];
  readonly to: string;
  readonly threads?: string;
  readonly precision: "fp32" | "int8";
}

const examples = `
Examples:
  $ attune label experiments/small.json --teacher runs/teacher --to data/soft-labels/teacher
  $ attune label ours.json --teacher attune-base --to data/soft-labels/ours      # what ships, about texts of your own
  $ attune label experiments/small.json --teacher runs/a runs/b --to data/soft-labels/both   # the mean of two teachers
  $ attune label experiments/small.json --teacher runs/a runs/b --weights 3 1 --to data/soft-labels/both

Only training texts are asked about, those of the experiment's corpora; the labels of the corpora are not looked at.
An experiment follows them with "distillation": { "labels": "data/soft-labels/teacher" }, and what it finds alike with
"similarity": 100 beside it.`;

/** The command. */
export function labelCommand(): Command {
  return new Command("label")
    .summary("ask a teacher about the training texts, for distillation")
    .description(
      "Runs teachers over the training texts of an experiment and keeps their logits and how alike they find the texts, a byte a number.",
    )
    .argument("<experiment>", "path of the student's experiment, e.g. experiments/small.json")
    .requiredOption(
      "--teacher <folders...>",
      "runs, model folders or names of shipped models; of several, the logits are averaged",
    )
    .option("--weights <numbers...>", "how much each teacher counts in the mean (default: all the same)")
    .requiredOption("--to <folder>", "where the soft labels are written")
    .addOption(
      new Option(
        "--precision <type>",
        "what runs answer in; int8 takes less time. A model answers as it was exported",
      )
        .choices(["fp32", "int8"])
        .default("fp32"),
    )
    .addOption(new Option("--threads <n>", "threads inside an operator"))
    .addHelpText("after", examples)
    .action(async (path: string, flags: LabelFlags) => {
      const { readExperiment } = await import("../training/experiment.js");
      const { loadTeacher } = await import("../training/distillation/teacher.js");
      const { labelTexts } = await import("../training/distillation/label.js");
      const { createProgress } = await import("./progress.js");
      const { parseCount } = await import("./count.js");
      const threads = flags.threads === undefined ? 0 : parseCount("--threads", flags.threads);
      const experiment = readExperiment(path);
      const teachers = [];
      for (const teacher of flags.teacher) teachers.push(await loadTeacher(teacher, flags.precision));
      let progress: ReturnType<typeof createProgress> | undefined;
      try {
        const manifest = await labelTexts(experiment, teachers, {
          to: flags.to,
          ...(flags.weights && { weights: flags.weights.map(Number) }),
          session: { threads },
          onProgress(done, total) {
            progress ??= createProgress({ label: "label", total });
            progress.update(done);
          },
        });
        progress?.stop();
        for (const { corpus, rows, file } of manifest.files)
          process.stderr.write(
            `label: ${corpus}: ${rows.toLocaleString("en-US")} texts, ${flags.to}/${file}\n`,
          );
      } finally {
        progress?.stop();
      }
    });
}
