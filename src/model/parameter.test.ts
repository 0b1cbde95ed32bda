import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Random } from "../base/random.js";
import { type Initial, initializeParameters, type ParameterSpec } from "./parameter.js";

function spec(name: string, shape: number[], initial: Initial): ParameterSpec {
  return { name, shape, initial, group: "heads", decay: true };
}

describe("initializeParameters", () => {
  const specs = [
    spec("table", [200, 50], { kind: "normal" }),
    spec("wide", [100, 100], { kind: "normal", deviation: 0.5 }),
    spec("scale", [4], { kind: "ones" }),
    spec("shift", [2, 2], { kind: "zeros" }),
    spec("single", [], { kind: "ones" }),
  ];

  test("each begins as asked: shape, mean and deviation", () => {
    const parameters = initializeParameters(specs, Random.seeded(7));
    for (const [name, deviation] of [
      ["table", 0.02],
      ["wide", 0.5],
    ] as const) {
      const data = parameters.get(name) ?? new Float32Array();
      const mean = data.reduce((sum, x) => sum + x, 0) / 10_000;
      const spread = Math.sqrt(data.reduce((sum, x) => sum + (x - mean) ** 2, 0) / 10_000);
      assert.equal(data.length, 10_000);
      assert.ok(Math.abs(mean) < deviation * 0.05, `${name}: mean ${mean}`);
      assert.ok(Math.abs(spread / deviation - 1) < 0.03, `${name}: deviation ${spread}`);
    }
    assert.deepEqual(parameters.get("scale"), Float32Array.of(1, 1, 1, 1));
    assert.deepEqual(parameters.get("shift"), Float32Array.of(0, 0, 0, 0));
    assert.deepEqual(parameters.get("single"), Float32Array.of(1));
  });

  test("the same seed gives the same bits, another seed others", () => {
    const [first, again, other] = [7, 7, 8].map((seed) => initializeParameters(specs, Random.seeded(seed)));
    assert.deepEqual(again, first);
    assert.notDeepEqual(other?.get("table"), first?.get("table"));
  });

  test("refuses a name used twice", () => {
    const twice = [spec("a", [1], { kind: "ones" }), spec("a", [2], { kind: "ones" })];
    assert.throws(() => initializeParameters(twice, Random.seeded(1)), {
      code: "INTERNAL",
      message: /a twice/,
    });
  });
});
