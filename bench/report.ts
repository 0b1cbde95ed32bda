/** @file What a benchmark hands on: a table for people and figures for programs. */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { availableParallelism, cpus, platform, release, totalmem } from "node:os";
import { join } from "node:path";
import { packageFolder } from "../src/data/folders.js";

/** One line of a table: what, how much, and against what. */
export type Row = readonly [what: string, figure: string, note?: string];

/** What one benchmark found, or why it did not run. */
export interface Section {
  readonly title: string;
  readonly rows: readonly Row[];
  readonly figures: Readonly<Record<string, number | string>>;
  readonly skipped?: string;
  /** Page of `docs/` it is published on; `performance.md` by default. */
  readonly page?: string;
}

/** Settings of all benchmarks. */
export interface BenchOptions {
  readonly threads: number;
  /** Few runs: to see that it works, not to be quoted. */
  readonly quick: boolean;
  /** Set up PyTorch for the comparison where it is missing. */
  readonly torch: boolean;
  /** Set up @huggingface/transformers for the comparison where it is missing. */
  readonly transformers: boolean;
  /** Model measured: a shipped name or a folder. */
  readonly model: string | undefined;
  /** Messages of the memory benchmark. */
  readonly lines: number;
}

/** A section that did not run. */
export const skip = (title: string, reason: string): Section => ({
  title,
  rows: [],
  figures: {},
  skipped: reason,
});

/** A section as text. */
export function print({ title, rows, skipped }: Section): string {
  if (skipped !== undefined) return `\n${title}\n  not measured: ${skipped}\n`;
  const widths = [0, 1].map((at) => Math.max(...rows.map((row) => row[at]?.length ?? 0)));
  const lines = rows.map(([what, figure, note = ""]) =>
    `  ${what.padEnd(widths[0] ?? 0)}  ${figure.padStart(widths[1] ?? 0)}  ${note}`.trimEnd(),
  );
  return `\n${title}\n${lines.join("\n")}\n`;
}

/** The machine that was measured. */
export function describeMachine(): Readonly<Record<string, number | string>> {
  const runtime = createRequire(import.meta.url).resolve("onnxruntime-node/package.json");
  return {
    cpu: cpus()[0]?.model ?? "unknown",
    cores: availableParallelism(),
    memoryGb: Math.round(totalmem() / 1e9),
    system: `${platform()} ${release()}`,
    node: process.versions.node,
    onnxruntime: JSON.parse(readFileSync(runtime, "utf8")).version,
    date: new Date().toISOString().slice(0, 10),
  };
}

/** Writes the figures of this run as `bench/results/latest.json`. */
export function save(sections: Readonly<Record<string, Section>>, options: BenchOptions): string {
  const folder = join(packageFolder, "bench", "results");
  const path = join(folder, "latest.json");
  const figures = Object.fromEntries(
    Object.entries(sections).map(([name, section]) => [
      name,
      section.skipped === undefined ? section.figures : { skipped: section.skipped },
    ]),
  );
  mkdirSync(folder, { recursive: true });
  const { threads, quick } = options;
  writeFileSync(
    path,
    `${JSON.stringify({ machine: describeMachine(), threads, quick, figures }, null, 2)}\n`,
  );
  return path;
}

/** Puts each measured section, with machine and date, in its place in its page; returns the pages. */
export function publish(sections: Readonly<Record<string, Section>>): string[] {
  const { cpu, cores, system, node, onnxruntime, date } = describeMachine();
  const pages = new Map<string, string>();
  for (const [name, section] of Object.entries(sections)) {
    if (section.skipped !== undefined) continue;
    const page = section.page ?? "performance.md";
    const path = join(packageFolder, "docs", page);
    const text = pages.get(path) ?? readFileSync(path, "utf8");
    const place = new RegExp(`(<!-- ${name} -->\n)[^]*?(<!-- end -->)`);
    if (!place.test(text))
      throw new Error(`docs/${page}: expected <!-- ${name} --> … <!-- end -->, got none`);
    const rows = section.rows
      .map(([what, figure, note = ""]) => `| ${what} | ${figure} | ${note} |`)
      .join("\n");
    const machine = `${date}, ${cpu}, ${cores} cores, ${system}, Node ${node}, ONNX Runtime ${onnxruntime}`;
    pages.set(
      path,
      text.replace(
        place,
        (_, start, end) => `${start}| | | |\n|---|---|---|\n${rows}\n\n${machine}.\n${end}`,
      ),
    );
  }
  for (const [path, text] of pages) writeFileSync(path, text);
  return [...pages.keys()];
}
