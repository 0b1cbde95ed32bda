import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { after, describe, test } from "node:test";
import fc from "fast-check";
import { AppError } from "../../base/errors.js";
import { Random } from "../../base/random.js";
import { writeAll } from "../../model/file.js";
import { readSafetensors } from "../../model/safetensors.js";
import { ParameterMemory, type ParameterSpec, type Region } from "../memory.js";
import {
  type CheckpointState,
  checkpointPath,
  loadCheckpoint,
  saveCheckpoint,
  verifyCheckpoint,
} from "./checkpoint.js";
import { findCheckpoint, listCheckpoints, pruneCheckpoints } from "./checkpoint-folder.js";

const root = mkdtempSync(join(tmpdir(), "attune-checkpoint-"));
after(() => rmSync(root, { recursive: true }));
let folders = 0;
const fresh = (): string => join(root, String(folders++));

const specs: ParameterSpec[] = [
  { name: "layer.0.weight", shape: [3, 5], group: "encoder", decay: true },
  { name: "layer.0.bias", shape: [3], group: "encoder", decay: false },
  { name: "head.weight", shape: [2, 3], group: "heads", decay: true },
  { name: "table", shape: [4, 2], group: "encoder", decay: true, frozen: true },
];
const stateAt = (step: number): CheckpointState => ({
  step,
  epoch: 1,
  batch: 7,
  totalSteps: 1000,
  optimizer: { step },
  random: { shuffle: Random.seeded(step).state, dropout: [0, 1, 2, 0xffffffff] },
  best: [{ step: 100, figure: 0.512345678901234 }],
  bestWatched: 0.25,
  evaluationsWithoutGain: 2,
  evaluationDue: true,
  experimentHash: "abc",
  seconds: 12.5,
});
const regions: Region[] = ["weights", "moment1", "moment2", "average"];

function filled(seed: number, list = specs, ema = true): ParameterMemory {
  const memory = new ParameterMemory(list, { ema, accumulate: false });
  const random = Random.seeded(seed);
  for (const { name, frozen } of list) {
    const views = frozen
      ? [memory.weights(name)]
      : [
          memory.weights(name),
          memory.moment1(name),
          memory.moment2(name),
          ...(ema ? [memory.average(name)] : []),
        ];
    for (const view of views) for (let i = 0; i < view.length; i++) view[i] = random.normal();
  }
  return memory;
}

const contents = (memory: ParameterMemory): number[][] => regions.map((region) => [...memory.all(region)]);
const code =
  (expected: string, message = /./) =>
  (error: unknown) =>
    error instanceof AppError && error.code === expected && message.test(error.message);

describe("checkpoints", () => {
  test("what is loaded is what was saved, number by number, and is ordinary safetensors", async () => {
    const folder = fresh();
    const saved = filled(1);
    const path = await saveCheckpoint(folder, saved, stateAt(500));
    assert.equal(basename(path), "step-000500.ckpt");
    assert.deepEqual(readdirSync(folder), ["step-000500.ckpt"]);
    const loaded = filled(2);
    assert.deepEqual(loadCheckpoint(path, loaded, { experimentHash: "abc" }), stateAt(500));
    assert.deepEqual(contents(loaded), contents(saved));
    const { tensors } = await readSafetensors(path);
    assert.deepEqual(tensors.get("w/head.weight")?.data, saved.weights("head.weight").slice());
    assert.equal(tensors.size, 4 + 3 * 3);
  });

  test("a best checkpoint holds weights and average and cannot be gone on from", async () => {
    const folder = fresh();
    const saved = filled(1);
    const path = await saveCheckpoint(folder, saved, stateAt(20), "best");
    const loaded = filled(2);
    const moments = [...loaded.all("moment1")];
    assert.throws(() => loadCheckpoint(path, loaded), code("CHECKPOINT_MISMATCH", /weights only/));
    loadCheckpoint(path, loaded, { weightsOnly: true });
    assert.deepEqual([...loaded.all("weights")], [...saved.all("weights")]);
    assert.deepEqual([...loaded.all("average")], [...saved.all("average")]);
    assert.deepEqual([...loaded.all("moment1")], moments);
    assert.throws(() => findCheckpoint(folder), code("CHECKPOINT_NOT_FOUND", /found none/));
  });

  test("cut off anywhere it is corrupt, and nothing is filled in", async () => {
    const folder = fresh();
    const path = await saveCheckpoint(folder, filled(1), stateAt(1));
    const bytes = readFileSync(path);
    const memory = filled(2);
    const before = contents(memory);
    for (let length = 0; length < bytes.length; length += length < 200 ? 1 : 37) {
      writeFileSync(path, bytes.subarray(0, length));
      assert.throws(() => loadCheckpoint(path, memory), code("CHECKPOINT_CORRUPT"), `length ${length}`);
    }
    writeFileSync(path, Buffer.concat([bytes, Buffer.alloc(64)]));
    assert.throws(() => loadCheckpoint(path, memory), code("CHECKPOINT_CORRUPT"));
    assert.deepEqual(contents(memory), before);
  });

  test("one flipped bit anywhere is corrupt", async () => {
    const path = await saveCheckpoint(fresh(), filled(1), stateAt(1));
    const bytes = readFileSync(path);
    const memory = filled(2);
    fc.assert(
      fc.property(fc.nat(bytes.length * 8 - 1), (bit) => {
        const damaged = Buffer.from(bytes);
        damaged[bit >> 3] = (bytes[bit >> 3] as number) ^ (1 << (bit & 7));
        writeFileSync(path, damaged);
        assert.throws(() => loadCheckpoint(path, memory), code("CHECKPOINT_CORRUPT"));
      }),
      { numRuns: 300 },
    );
  });

  test("any bytes whatever are refused, never crashed on", () => {
    const folder = fresh();
    mkdirSync(folder);
    const path = checkpointPath(folder, "full", 1);
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        writeFileSync(path, bytes);
        assert.throws(() => verifyCheckpoint(path), code("CHECKPOINT_CORRUPT"));
      }),
    );
  });

  test("another model or experiment is refused, by name", async () => {
    const path = await saveCheckpoint(fresh(), filled(1), stateAt(1));
    const change = (name: string, to: Partial<ParameterSpec> | undefined) =>
      specs.flatMap((spec) => (spec.name !== name ? [spec] : to === undefined ? [] : [{ ...spec, ...to }]));
    const refused = (list: ParameterSpec[], message: RegExp, ema = true) => {
      const memory = filled(3, list, ema);
      const before = [...memory.all("weights")];
      assert.throws(() => loadCheckpoint(path, memory), code("CHECKPOINT_MISMATCH", message));
      assert.deepEqual([...memory.all("weights")], before);
    };
    refused(
      change("head.weight", { shape: [3, 2] }),
      /other shapes w\/head\.weight \[2,3\] instead of \[3,2\]/,
    );
    refused(
      change("head.weight", { name: "head.kernel" }),
      /missing w\/head\.kernel.*unexpected w\/head\.weight/,
    );
    refused(change("table", { frozen: false }), /missing ema\/table, m\/table, v\/table/);
    refused(specs, /unexpected ema\//, false);
    assert.throws(
      () => loadCheckpoint(path, filled(2), { experimentHash: "abd" }),
      code("CHECKPOINT_MISMATCH", /other settings/),
    );
    assert.throws(() => loadCheckpoint(join(root, "none.ckpt"), filled(2)), code("CHECKPOINT_NOT_FOUND"));
  });

  test("the newest undamaged one is found, the damaged ones are told", async () => {
    const folder = fresh();
    const memory = filled(1);
    for (const step of [100, 200, 1_200_000]) await saveCheckpoint(folder, memory, stateAt(step));
    assert.equal(findCheckpoint(folder).state.step, 1_200_000);
    const newest = checkpointPath(folder, "full", 1_200_000);
    writeFileSync(newest, readFileSync(newest).subarray(0, 900));
    const { path, state, damaged } = findCheckpoint(folder);
    assert.equal(path, checkpointPath(folder, "full", 200));
    assert.equal(state.step, 200);
    assert.deepEqual(
      damaged.map((one) => one.path),
      [newest],
    );
    for (const step of [100, 200]) writeFileSync(checkpointPath(folder, "full", step), "");
    assert.throws(() => findCheckpoint(folder), code("CHECKPOINT_NOT_FOUND", /only damaged ones/));
    assert.throws(() => findCheckpoint(join(folder, "none")), code("CHECKPOINT_NOT_FOUND"));
  });

  test("pruning keeps the last two and the best, and clears what a killed write left", async () => {
    const folder = fresh();
    const memory = filled(1);
    for (const step of [1, 2, 3, 4]) await saveCheckpoint(folder, memory, stateAt(step));
    for (const step of [1, 2, 3]) await saveCheckpoint(folder, memory, stateAt(step), "best");
    writeFileSync(join(folder, "step-000005.ckpt.tmp-1-ab"), "half");
    writeFileSync(join(folder, "events.jsonl"), "");
    pruneCheckpoints(folder, { bestSteps: [2] });
    assert.deepEqual(readdirSync(folder).sort(), [
      "best-000002.ckpt",
      "events.jsonl",
      "step-000003.ckpt",
      "step-000004.ckpt",
    ]);
    assert.deepEqual(
      listCheckpoints(folder).map((one) => one.step),
      [4, 3, 2],
    );
  });

  test("a disk that fills up at any write leaves the checkpoint before it and no rest", async () => {
    const folder = fresh();
    const memory = filled(1);
    await saveCheckpoint(folder, memory, stateAt(1));
    for (const failing of [0, 1, 5, 12]) {
      let writes = 0;
      const failure = saveCheckpoint(folder, filled(2), stateAt(2), "full", async (file, bytes) => {
        if (writes++ === failing)
          throw Object.assign(new Error("ENOSPC: no space left on device"), { code: "ENOSPC" });
        await writeAll(file, bytes);
      });
      await assert.rejects(failure, code("DISK_FULL"));
    }
    assert.deepEqual(readdirSync(folder), ["step-000001.ckpt"]);
    assert.equal(findCheckpoint(folder).state.step, 1);
  });

  test("a disk that really is full: the same", async (t) => {
    const folder = fresh();
    mkdirSync(folder);
    try {
      execFileSync("mount", ["-t", "tmpfs", "-o", "size=64k", "tmpfs", folder], { stdio: "ignore" });
    } catch {
      t.skip("mounting a small disk takes root on Linux");
      return;
    }
    try {
      const large: ParameterSpec[] = [{ name: "w", shape: [3000], group: "encoder", decay: true }];
      const memory = filled(1, large, false);
      await saveCheckpoint(folder, memory, stateAt(1));
      await assert.rejects(saveCheckpoint(folder, memory, stateAt(2)), code("DISK_FULL", /free some/));
      assert.deepEqual(readdirSync(folder), ["step-000001.ckpt"]);
      assert.equal(findCheckpoint(folder).state.step, 1);
    } finally {
      execFileSync("umount", [folder]);
    }
  });
});
