/** A run that is killed, stopped or out of disk goes on and ends with the very weights of one that was left alone. */
import assert from "node:assert/strict";
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { Random } from "../../src/base/random.js";
import { readSafetensors } from "../../src/model/safetensors.js";
import { verifyCheckpoint } from "../../src/training/checkpoint/checkpoint.js";
import { listCheckpoints } from "../../src/training/checkpoint/checkpoint-folder.js";
import { formatExperiment } from "../../src/training/experiment.js";
import { type EventOf, readEvents } from "../../src/training/record/event-log.js";
import { runExperiment } from "../../src/training/text/run.js";
import { tinyExperiment, writeCorpus } from "./tiny-run.js";

const bin = fileURLToPath(new URL("../../../bin/attune.js", import.meta.url));
const root = mkdtempSync(join(tmpdir(), "attune-resume-"));
const folderOf = (name: string): string => join(root, name);
const corpus = writeCorpus(root);

/** Everything that a resumed run could get wrong is switched on: dropout, slips of the pen, averages, parts of a step. */
const experiment = tinyExperiment(corpus, {
  corpora: tinyExperiment(corpus).corpora.map((one) => ({ ...one, weight: 1.5 })),
  batchSize: 8,
  accumulate: 2,
  epochs: 4.5,
  dropout: { pooled: 0.1, hidden: 0.1, attention: 0.1 },
  augmentation: { share: 0.3, strength: 0.2 },
  ema: { decay: 0.98 },
  layerDecay: 0.8,
  evaluateEverySteps: 15,
  checkpointEverySteps: 10,
  keepBest: 2,
});
const file = join(root, "experiment.json");

interface Ended {
  readonly code: number | null;
  readonly signal: string | null;
  readonly stderr: string;
}

interface Started {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
}

/** `attune train` as a process of its own. */
function train(folder: string, ...flags: readonly string[]): Started {
  const args = [bin, "train", file, "--run", folder, "--no-export", ...flags];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "ignore", "pipe"] });
  let stderr = "";
  child.stderr.on("data", (chunk) => {
    stderr += chunk;
  });
  const ended = new Promise<Ended>((done, fail) => {
    child.on("error", fail);
    child.on("close", (code, signal) => done({ code, signal, stderr }));
  });
  return { child, ended };
}

/** The last step in a run's log, as it stands while the run goes on. */
function stepOf(folder: string): number {
  return readEvents(folder).events.at(-1)?.step ?? 0;
}

/** Sends a signal as soon as the log shows `step`, or later if the process is fast. */
async function signalAt({ child, ended }: Started, folder: string, step: number, signal: NodeJS.Signals) {
  while (child.exitCode === null && stepOf(folder) < step) await sleep(2);
  child.kill(signal);
  return ended;
}

/** All numbers of the newest checkpoint and of the best ones, by file name, and the state without its clock. */
async function contentsOf(folder: string): Promise<Record<string, unknown>> {
  const contents: Record<string, unknown> = {};
  for (const { path, kind } of listCheckpoints(folder)) {
    if (kind === "full" && path !== newest(folder)) continue;
    const { tensors } = await readSafetensors(path);
    const { seconds, ...state } = verifyCheckpoint(path).state;
    contents[path.slice(folder.length)] = {
      state,
      tensors: [...tensors].map(([name, { data }]) => [
        name,
        Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString("base64"),
      ]),
    };
  }
  return contents;
}

function newest(folder: string): string | undefined {
  return listCheckpoints(folder).find(({ kind }) => kind === "full")?.path;
}

/** The log's steps and evaluations without clock and speed. */
function storyOf(folder: string): unknown[] {
  return readEvents(folder).events.flatMap((event): unknown[] => {
    if (event.type === "evaluation") return [[event.step, event.figures, event.best]];
    if (event.type !== "step") return [];
    const { step, epoch, loss, losses, learningRate, gradientNorm } = event satisfies EventOf<"step">;
    return [[step, epoch, loss, losses, learningRate, gradientNorm]];
  });
}

const noSignals = process.platform === "win32" && "Windows ends a process instead of asking it to";

let untouched: Record<string, unknown>;
let story: unknown[];
let total = 0;

before(async () => {
  writeFileSync(file, formatExperiment(experiment));
  const { code, stderr } = await train(folderOf("untouched")).ended;
  assert.equal(code, 0, stderr);
  untouched = await contentsOf(folderOf("untouched"));
  story = storyOf(folderOf("untouched"));
  total = stepOf(folderOf("untouched"));
});
after(() => rmSync(root, { recursive: true, force: true }));

/** Goes on to the end and holds the result against the run that was left alone. */
async function finish(folder: string): Promise<string> {
  const { code, stderr } = await train(folder, "--resume").ended;
  assert.equal(code, 0, stderr);
  assert.deepEqual(storyOf(folder), story);
  assert.deepEqual(await contentsOf(folder), untouched);
  return stderr;
}

describe("training in a process of its own", () => {
  test("two runs from one seed are equal bit by bit, another seed is not", async () => {
    assert.ok(Object.keys(untouched).length >= 3, Object.keys(untouched).join());
    const [same, other] = [train(folderOf("same")), train(folderOf("other"), "--seed", "4")];
    assert.equal((await same.ended).code, 0);
    assert.equal((await other.ended).code, 0);
    assert.deepEqual(await contentsOf(folderOf("same")), untouched);
    assert.deepEqual(storyOf(folderOf("same")), story);
    assert.notDeepEqual(storyOf(folderOf("other")), story);
  });

  test("killed again and again at random steps, it ends with the same weights", async (t) => {
    const folder = folderOf("killed");
    const random = Random.seeded(2024, "kills");
    const deaths: number[] = [];
    const quarter = Math.floor(total / 4);
    for (let kill = 0; kill < 4; kill++) {
      const step = kill * quarter + 2 + random.below(quarter - 2);
      const started = train(folder, ...(existsSync(folder) && newest(folder) ? ["--resume"] : []));
      const { signal, code, stderr } = await signalAt(started, folder, step, "SIGKILL");
      if (code === 0) break; // faster than the signal
      assert.equal(signal, "SIGKILL", stderr);
      deaths.push(stepOf(folder));
    }
    t.diagnostic(`killed at steps ${deaths.join(", ")} of ${total}`);
    assert.ok(deaths.length >= 2, `killed at ${deaths}`);
    await finish(folder);
  });

  test("SIGTERM writes a checkpoint and ends with 0; the run goes on from that very step", {
    skip: noSignals,
  }, async () => {
    const folder = folderOf("stopped");
    const { code, stderr } = await signalAt(train(folder), folder, 13, "SIGTERM");
    assert.equal(code, 0, stderr);
    assert.match(stderr, /stopped at step (\d+) of \d+; go on with: attune train .* --resume/);
    const step = Number(/stopped at step (\d+)/.exec(stderr)?.[1]);
    assert.match(newest(folder) ?? "", new RegExp(`step-0*${step}\\.ckpt$`));
    await finish(folder);
  });

  test("a truncated checkpoint is told, the one before it used", { skip: noSignals }, async () => {
    const folder = folderOf("truncated");
    await signalAt(train(folder), folder, 33, "SIGTERM");
    const path = newest(folder) as string;
    truncateSync(path, Math.floor(statSync(path).size / 2));
    const stderr = await finish(folder);
    assert.match(
      stderr,
      /warning: .*\.ckpt: expected a whole checkpoint, got .* \(which is done: .*step-0000\d\d\.ckpt\)/,
    );
  });

  test("a run that is over is not trained on", async () => {
    const before = readFileSync(newest(folderOf("untouched")) as string);
    const { code, stderr } = await train(folderOf("untouched"), "--resume").ended;
    assert.equal(code, 0, stderr);
    assert.deepEqual(readFileSync(newest(folderOf("untouched")) as string), before);
  });

  test("a new run over an old one, and an old one under other settings, are refused", async () => {
    const starts = [
      train(folderOf("untouched")),
      train(folderOf("untouched"), "--resume", "--seed", "9"),
      train(folderOf("nothing"), "--resume"),
    ].map(({ ended }) => ended);
    const [again, changed, nothing] = (await Promise.all(starts)) as [Ended, Ended, Ended];
    assert.equal(again.code, 5);
    assert.match(
      again.stderr,
      /^error CHECKPOINT_MISMATCH: .*untouched: expected an empty folder .* --resume/m,
    );
    assert.equal(changed.code, 5);
    assert.match(changed.stderr, /^error CHECKPOINT_MISMATCH: .*expected a checkpoint of this experiment/m);
    assert.equal(nothing.code, 5);
    assert.match(
      nothing.stderr,
      /^error CHECKPOINT_NOT_FOUND: .*nothing: expected a checkpoint to go on from, found none/m,
    );
    assert.deepEqual(await contentsOf(folderOf("untouched")), untouched);
  });

  test("a full disk ends it with DISK_FULL and what was saved stands", async (t) => {
    const folder = folderOf("disk");
    const bytes = statSync(newest(folderOf("untouched")) as string).size;
    const mount = (...options: readonly string[]): void => {
      execFileSync("mount", ["-t", "tmpfs", "-o", options.join(), "tmpfs", folder], { stdio: "pipe" });
    };
    mkdirSync(folder);
    try {
      mount(`size=${Math.ceil(2.5 * bytes)}`);
    } catch (error) {
      t.skip(`a small file system cannot be mounted here: ${error instanceof Error ? error.message : error}`);
      return;
    }
    try {
      const { code, stderr } = await train(folder).ended;
      assert.equal(code, 6, stderr);
      assert.match(
        stderr,
        /^error DISK_FULL: writing .*\.ckpt: no space left on the disk; free some and run again$/m,
      );
      assert.ok(newest(folder), readdirSync(folder).join());
      assert.deepEqual(
        readdirSync(folder).filter((name) => name.includes("tmp-")),
        [],
      );
      mount("remount", `size=${20 * bytes}`);
      await finish(folder);
    } finally {
      execFileSync("umount", [folder]);
    }
  });
});

describe("a run in this thread", () => {
  test("stopped while it measures, it measures that step before it goes on", async () => {
    const folder = folderOf("measuring");
    const run = async (resume: boolean, stopAt: number): Promise<void> => {
      let step = 0;
      await runExperiment(experiment, folder, {
        resume,
        emit: (event) => {
          step = event.step;
        },
        stopped: () => step === stopAt,
      });
    };
    await run(false, 15);
    assert.equal(stepOf(folder), 15);
    assert.equal(
      readEvents(folder).events.some(({ type }) => type === "evaluation"),
      false,
    );
    await run(true, -1);
    assert.deepEqual(storyOf(folder), story);
    assert.deepEqual(await contentsOf(folder), untouched);
  });

  test("stopped early for want of progress, it stays stopped", async () => {
    const folder = folderOf("stale");
    const impatient = { ...experiment, earlyStopping: { figure: "support.kappa", patience: 1 } };
    const options = { emit: () => undefined, stopped: () => false };
    const first = await runExperiment(impatient, folder, { ...options, resume: false });
    assert.equal(first.reason, "early-stopping");
    assert.ok(first.step < first.totalSteps);
    assert.deepEqual(await runExperiment(impatient, folder, { ...options, resume: true }), first);
  });
});
