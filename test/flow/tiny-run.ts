/** @file A corpus so plain that a tiny model learns it in seconds, and the experiment that does: for tests of training. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Random } from "../../src/base/random.js";
import { type Experiment, parseExperiment } from "../../src/training/experiment.js";

/** A feeling with words nobody else uses, and all its labels. */
export interface Theme {
  readonly emotion: string;
  readonly goemotions: string;
  readonly words: readonly string[];
  readonly pad: readonly [pleasure: number, arousal: number, dominance: number];
  readonly readiness: number;
  readonly support: number;
}

export const themes: readonly Theme[] = [
  {
    emotion: "joy",
    goemotions: "joy",
    words: ["great", "yay", "lovely", "wonderful", "hooray"],
    pad: [0.9, 0.7, 0.75],
    readiness: 0.9,
    support: 0,
  },
  {
    emotion: "frustration",
    goemotions: "annoyance",
    words: ["stuck", "broken", "again", "useless", "ugh"],
    pad: [0.15, 0.75, 0.3],
    readiness: 0.4,
    support: 3,
  },
  {
    emotion: "boredom",
    goemotions: "disappointment",
    words: ["dull", "slow", "yawn", "endless", "sleepy"],
    pad: [0.3, 0.1, 0.4],
    readiness: 0.2,
    support: 2,
  },
  {
    emotion: "confusion",
    goemotions: "confusion",
    words: ["lost", "unclear", "why", "puzzled", "what"],
    pad: [0.35, 0.5, 0.2],
    readiness: 0.5,
    support: 4,
  },
];

const fillers = [
  "the",
  "this",
  "lesson",
  "today",
  "it",
  "is",
  "so",
  "my",
  "task",
  "and",
  "really",
  "for",
  "me",
];

/** A sentence of a theme: two of its words among fillers. */
export function writeSentence(theme: Theme, random: Random): string {
  const pick = (words: readonly string[]): string => words[random.below(words.length)] as string;
  const words = Array.from({ length: 3 + random.below(6) }, () => pick(fillers));
  for (let i = 0; i < 2; i++) words.splice(random.below(words.length + 1), 0, pick(theme.words));
  return words.join(" ");
}

/** Writes the corpus as JSON Lines under column names of its own, and returns its path. */
export function writeCorpus(folder: string, rows = 320): string {
  mkdirSync(folder, { recursive: true });
  const random = Random.seeded(7, "tiny corpus");
  const lines = Array.from({ length: rows }, (_, i) => {
    const theme = themes[i % themes.length] as Theme;
    const [pleasure, arousal, dominance] = theme.pad;
    const { emotion, goemotions, readiness, support } = theme;
    const labels = { emotion, goemotions, pleasure, arousal, dominance, readiness, help: support };
    return JSON.stringify({
      message: writeSentence(theme, random),
      set: i % 20 < 16 ? "train" : "validation",
      ...labels,
    });
  });
  const path = join(folder, "tiny.jsonl");
  writeFileSync(path, `${lines.join("\n")}\n`);
  return path;
}

/** The experiment over that corpus: 2 layers, every head but EmoBank's, about 80 steps. */
export function tinyExperiment(corpus: string, changes: Record<string, unknown> = {}): Experiment {
  const columns = {
    ...Object.fromEntries(
      ["emotion", "goemotions", "pleasure", "arousal", "dominance", "readiness"].map((name) => [name, name]),
    ),
    text: "message",
    split: "set",
    support: "help",
  };
  const json = {
    name: "tiny-flow",
    base: { tiny: { layers: 2, hidden: 32, heads: 2, intermediate: 64 } },
    heads: ["emotion", "goemotions", "pad", "readiness", "support"],
    corpora: [{ name: "tiny", path: corpus, columns }],
    batchSize: 16,
    epochs: 5,
    maxTokens: 24,
    learningRate: { encoder: 3e-3, heads: 1e-2 },
    evaluateEverySteps: 20,
    checkpointEverySteps: 20,
    seed: 3,
    ...changes,
  };
  return parseExperiment(json, "tiny experiment");
}
