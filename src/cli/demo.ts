/** @file `attune demo`, which `npm start` shows: real messages analysed, then whatever is typed. */
import { createInterface } from "node:readline";
import { Command } from "commander";
import { AppError } from "../base/errors.js";
import type { EmotionEngine } from "../engine/engine.js";
import { drawCard } from "./card.js";
import { colorsFor } from "./terminal.js";

/** Messages as learners write them, one for each kind of day. */
const messages = [
  "I've gone through this proof five times and every time I get stuck at the same line, I could throw the book",
  "OH. the minus sign goes inside the bracket!! it all makes sense now",
  "presentation is tomorrow and I can't stop imagining everyone staring at me",
  "is it ok if I try the next chapter already? I want to see how the story with the electrons goes on",
  "I stayed up till 3 again, I read the page and nothing goes in anymore",
  "thanks so much for explaining it a second time, that really helped",
];

/** The command. */
export function demoCommand(): Command {
  return new Command("demo")
    .summary("show Attune at work, then analyse what you type")
    .description(
      "Analyses a few real messages, then, at a terminal, each line typed. Ctrl-D or `exit` ends it.",
    )
    .option("-m, --model <name|folder>", "shipped model or model folder (default: attune-small)")
    .addHelpText("after", "\nExamples:\n  $ npm start\n  $ attune demo --model runs/my-run/model")
    .action(async ({ model }: { readonly model?: string }) => {
      const { EmotionEngine } = await import("../engine/engine.js");
      const engine = await EmotionEngine.load({ model });
      try {
        await showMessages(engine);
        if (process.stdin.isTTY && process.stdout.isTTY) await prompt(engine);
        else process.stdout.write('Analyse your own: npm start -- analyze "how I feel"\n');
      } finally {
        await engine.close();
      }
    });
}

async function showMessages(engine: EmotionEngine): Promise<void> {
  const colors = colorsFor(process.stdout);
  const { name, version } = engine.model;
  process.stdout.write(`${colors.bold("Attune")} ${colors.dim(`${name} ${version}`)}\n\n`);
  for (const message of messages) {
    const analysis = await engine.analyze(message);
    const time = colors.dim(`  ${analysis.analysisTimeMs.toFixed(1)} ms`);
    process.stdout.write(`${drawCard(message, analysis, colors, "brief")}${time}\n\n`);
  }
}

async function prompt(engine: EmotionEngine): Promise<void> {
  const colors = colorsFor(process.stdout);
  process.stdout.write("Write how it is going (Ctrl-D or exit ends):\n");
  const lines = createInterface({ input: process.stdin, output: process.stdout, prompt: colors.cyan("› ") });
  lines.prompt();
  for await (const line of lines) {
    const text = line.trim();
    if (text === "exit" || text === "quit") break;
    if (text !== "") {
      try {
        process.stdout.write(`${drawCard(text, await engine.analyze(text), colors)}\n`);
      } catch (error) {
        if (!(error instanceof AppError) || !error.code.startsWith("INPUT_")) throw error;
        process.stdout.write(`${colors.red(`error ${error.code}`)}: ${error.message}\n`);
      }
    }
    lines.prompt();
  }
  lines.close();
  process.stdout.write("\n");
}
