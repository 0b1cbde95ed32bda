/** @file How long `attune analyze` takes from nothing to the answer. */
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { packageFolder } from "../src/data/folders.js";
import { timedMessage } from "../src/evaluation/speed.js";
import { findModel } from "./model.js";
import { type BenchOptions, type Section, skip } from "./report.js";
import { median, quantile, timeRuns } from "./sample.js";

const title = "`attune analyze` from a cold start to the answer";

/** Measures whole processes. */
export async function benchStart(options: BenchOptions): Promise<Section> {
  const model = findModel(options);
  if ("missing" in model) return skip(title, model.missing);
  const args = [
    join(packageFolder, "bin", "attune.js"),
    "analyze",
    "--json",
    "--model",
    model.folder,
    timedMessage,
  ];
  const analyze = async (): Promise<void> => {
    const { status, stderr } = spawnSync(process.execPath, args, { encoding: "utf8" });
    if (status !== 0) throw new Error(`attune analyze: ended with ${status}: ${stderr}`);
  };
  const node = async (): Promise<void> => void spawnSync(process.execPath, ["-e", "0"]);
  await timeRuns(1, analyze);
  const samples = await timeRuns(options.quick ? 2 : 11, analyze);
  const bare = await timeRuns(options.quick ? 2 : 5, node);
  return {
    title,
    rows: [
      ["median", `${median(samples).toFixed(0)} ms`, "at most 1000 ms wanted; files in the system's cache"],
      ["slowest", `${quantile(samples, 1).toFixed(0)} ms`],
      ["Node alone", `${median(bare).toFixed(0)} ms`],
    ],
    figures: { medianMs: median(samples), slowestMs: quantile(samples, 1), nodeMs: median(bare) },
  };
}
