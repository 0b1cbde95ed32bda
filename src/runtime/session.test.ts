import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { add, cast, encodeModel, Graph, mul } from "../graph/index.js";
import { listDevices, Session, type Tensor } from "./session.js";

/** y = 2x + kept, with x `[n]` and a bool `kept` `[n]`; also z = x. */
function buildModel(): Uint8Array {
  const graph = new Graph();
  const x = graph.input("x", "float32", ["n"]);
  const kept = graph.input("kept", "bool", ["n"]);
  graph.output("y", add(mul(x, 2), cast(kept, "float32")));
  graph.output("z", x);
  return encodeModel(graph);
}

const feeds = (...data: number[]): Record<string, Tensor> => ({
  x: { type: "float32", dims: [data.length], data: Float32Array.from(data) },
  kept: { type: "bool", dims: [data.length], data: new Uint8Array(data.length).fill(1, 0, 1) },
});

describe("a session", () => {
  test("runs a model from bytes, for any size of a symbol", async () => {
    const session = await Session.open(buildModel(), { threads: 1 });
    assert.deepEqual([...session.inputs].sort(), ["kept", "x"]);
    assert.deepEqual([...session.outputs].sort(), ["y", "z"]);
    for (const data of [[1], [1, 2, 3]]) {
      const { y } = (await session.run(feeds(...data))) as { y: Tensor };
      assert.deepEqual(y.dims, [data.length]);
      assert.deepEqual(
        Array.from(y.data, Number),
        data.map((x, i) => 2 * x + (i === 0 ? 1 : 0)),
      );
    }
    await session.close();
  });

  test("computes only the outputs asked for", async () => {
    const session = await Session.open(buildModel(), { threads: 1 });
    assert.deepEqual(Object.keys(await session.run(feeds(1), ["z"])), ["z"]);
    await session.close();
  });

  test("writes results where it is told", async () => {
    const session = await Session.open(buildModel(), { threads: 1 });
    const memory = new Float32Array(6);
    const place: Tensor = { type: "float32", dims: [2], data: memory.subarray(2, 4) };
    await session.run(feeds(1, 5), { y: place });
    assert.deepEqual([...memory], [0, 0, 3, 10, 0, 0]);
    await session.close();
  });

  test("runs a model from a file", async () => {
    const folder = await mkdtemp(join(tmpdir(), "attune-session-"));
    after(() => rm(folder, { recursive: true }));
    const path = join(folder, "model.onnx");
    await writeFile(path, buildModel());
    const session = await Session.open(path);
    const { y } = (await session.run(feeds(4), ["y"])) as { y: Tensor };
    assert.deepEqual(Array.from(y.data, Number), [9]);
    await session.close();
  });
});

describe("what a session refuses", () => {
  test("a device that this build has not, naming those it has", async () => {
    assert.ok(listDevices().includes("cpu"));
    await assert.rejects(Session.open(buildModel(), { device: "abacus" }), {
      code: "PROVIDER_UNAVAILABLE",
      message: /^device: expected one of .*cpu.*, got abacus; use one of /,
    });
  });

  test("a known device that is not here, saying what to install or use", async (t) => {
    const missing = ["cuda", "dml", "coreml"].filter((device) => !listDevices().includes(device));
    if (missing.length === 0) return t.skip("every device is in this build");
    for (const device of missing) {
      await assert.rejects(Session.open(buildModel(), { device }), {
        code: "PROVIDER_UNAVAILABLE",
        message: /use --device cpu/,
      });
    }
  });

  test("bytes and files that are no model, by name", async () => {
    await assert.rejects(Session.open(Uint8Array.of(1, 2, 3)), {
      code: "MODEL_FILE",
      message: /^model: expected a valid ONNX model, got: .*; fetch or export it again$/s,
    });
    const path = join(tmpdir(), "attune-no-such.onnx");
    await assert.rejects(Session.open(path), { code: "MODEL_FILE", message: /attune-no-such\.onnx/ });
  });

  test("a missing input and a shape that does not fit, with the runtime's own words", async () => {
    const session = await Session.open(buildModel(), { threads: 1 });
    const { x, kept } = feeds(1, 2) as { x: Tensor; kept: Tensor };
    await assert.rejects(session.run({ x }), { code: "RUNTIME_FAILED", message: /kept/ });
    const longer: Tensor = { type: "bool", dims: [3], data: new Uint8Array(3) };
    await assert.rejects(session.run({ x, kept: longer }), { code: "RUNTIME_FAILED" });
    const { y } = (await session.run({ x, kept }, ["y"])) as { y: Tensor };
    assert.deepEqual(Array.from(y.data, Number), [3, 4]);
    await session.close();
  });

  test("to run once closed; closing twice is fine", async () => {
    const session = await Session.open(buildModel(), { threads: 1 });
    await session.close();
    await session.close();
    await assert.rejects(session.run(feeds(1)), { code: "ENGINE_CLOSED", message: /open it again/ });
  });
});
