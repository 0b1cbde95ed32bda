/** @file Rivals that run in processes of their own: one answers a line with the milliseconds of as many runs. */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { existsSync, mkdirSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Contender } from "./sample.js";

/** Where what only benchmarks need is installed; outside the checkout, kept between runs. */
export const benchCache = join(process.env.XDG_CACHE_HOME || join(homedir(), ".cache"), "attune", "bench");

/** A rival process: it prints a JSON line when ready, then answers each line `N` with N times as JSON. */
export class RivalProcess implements Contender {
  readonly name: string;
  /** What it printed when it was ready. */
  readonly greeting: Readonly<Record<string, string>>;
  readonly #child: ChildProcess;
  readonly #lines: AsyncIterator<string>;

  private constructor(name: string, child: ChildProcess, lines: AsyncIterator<string>, greeting: string) {
    this.name = name;
    this.#child = child;
    this.#lines = lines;
    this.greeting = JSON.parse(greeting);
  }

  /** Starts it and waits until it is ready. @throws Error when it ends before */
  static async start(name: string, command: string, args: readonly string[]): Promise<RivalProcess> {
    const child = spawn(command, args, { stdio: ["pipe", "pipe", "inherit"] });
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    const failed = new Promise<never>((_, reject) => child.once("error", reject));
    const { value, done } = await Promise.race([lines.next(), failed]);
    if (done) throw new Error(`${name}: ended before it was ready; see its message above`);
    return new RivalProcess(name, child, lines, value);
  }

  async measure(runs: number): Promise<number[]> {
    this.#child.stdin?.write(`${runs}\n`);
    const { value, done } = await this.#lines.next();
    if (done) throw new Error(`${this.name}: ended while it was measured; see its message above`);
    return JSON.parse(value);
  }

  /** Ends it. */
  stop(): void {
    this.#child.stdin?.end();
  }
}

/** Runs a command to its end, its output on stderr. @throws Error when it fails */
export function runCommand(
  command: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): void {
  const { status, error } = spawnSync(command, args, {
    stdio: ["ignore", process.stderr, "inherit"],
    env: { ...process.env, ...env },
    shell: process.platform === "win32",
  });
  if (status !== 0)
    throw new Error(`${command} ${args.join(" ")}: failed${error ? ` (${error.message})` : ""}`);
}

const torchFolder = join(benchCache, "torch");
const venvPython = join(
  torchFolder,
  ...(process.platform === "win32" ? ["Scripts", "python.exe"] : ["bin", "python"]),
);

/**
 * A Python that has PyTorch and transformers: one of our own in the cache, or the system's; undefined if there is none.
 * @param install make one where there is none
 */
export function findTorch(install: boolean): string | undefined {
  const works = (python: string): boolean =>
    spawnSync(python, ["-c", "import torch, transformers"], { stdio: "ignore" }).status === 0;
  const found = [process.env.ATTUNE_BENCH_PYTHON ?? venvPython, venvPython, "python3", "python"].find(works);
  if (found !== undefined || !install) return found;
  process.stderr.write("Setting up PyTorch for the comparison (once) …\n");
  runCommand(process.platform === "win32" ? "python" : "python3", ["-m", "venv", torchFolder]);
  runCommand(venvPython, ["-m", "pip", "install", "--quiet", "torch==2.13.0", "transformers==5.24.0"]);
  return venvPython;
}

const transformersFolder = join(benchCache, "transformers");

/** The folder that has @huggingface/transformers in its node_modules, or undefined. @param install put it there if missing */
export function findTransformers(install: boolean): string | undefined {
  const installed = join(transformersFolder, "node_modules", "@huggingface", "transformers");
  if (existsSync(installed)) return transformersFolder;
  if (!install) return undefined;
  process.stderr.write("Setting up @huggingface/transformers for the comparison (once) …\n");
  mkdirSync(transformersFolder, { recursive: true });
  const packages = [
    "install",
    "--prefix",
    transformersFolder,
    "--no-fund",
    "--no-audit",
    "@huggingface/transformers@4.3.1",
  ];
  // The CPU build is in the package; its install script would look for CUDA elsewhere.
  runCommand("npm", packages, { ONNXRUNTIME_NODE_INSTALL: "skip" });
  return transformersFolder;
}
