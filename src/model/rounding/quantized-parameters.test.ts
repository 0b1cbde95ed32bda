import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Random } from "../../base/random.js";
import { encodeModel, Graph, type Value } from "../../graph/index.js";
import { Session } from "../../runtime/session.js";
import type { ParameterSpec } from "../parameter.js";
import { initializeParameters } from "../parameter.js";
import { QuantizedParameters } from "./quantized-parameters.js";

const matrix = (name: string, shape: readonly number[], group: ParameterSpec["group"]): ParameterSpec => ({
  name,
  shape,
  group,
  decay: true,
  initial: { kind: "normal", deviation: 1 },
});
const specs = [
  matrix("table", [6, 4], "encoder"),
  matrix("inner.weight", [4, 3], "encoder"),
  matrix("inner.bias", [3], "encoder"),
  matrix("head.weight", [4, 2], "heads"),
  matrix("head.bias", [2], "heads"),
];
const arrays = initializeParameters(specs, Random.seeded(3));
const array = (name: string): Float32Array => arrays.get(name) ?? new Float32Array(0);
const x = Float32Array.of(1, -2, 0.5, 3, 0, 1, 1, -1);

/** x · W + b for x `[2,4]`, in doubles. */
function product(name: string, outputs: number): number[] {
  const [weight, bias] = [array(`${name}.weight`), array(`${name}.bias`)];
  return Array.from({ length: 2 * outputs }, (_, at) => {
    const [row, column] = [Math.floor(at / outputs), at % outputs];
    let sum = bias[column] as number;
    for (let i = 0; i < 4; i++) sum += (x[row * 4 + i] as number) * (weight[i * outputs + column] as number);
    return sum;
  });
}

async function run(): Promise<{ results: Record<string, number[]>; rounded: string[] }> {
  const graph = new Graph();
  const parameters = new QuantizedParameters(graph, specs, arrays);
  const input = graph.input("x", "float32", [2, 4]);
  const indices = graph.constant("int64", [2], BigInt64Array.of(4n, 1n));
  graph.output("rows", parameters.lookup("table", indices));
  graph.output("inner", parameters.linear(input, "inner"));
  graph.output("again", parameters.linear(input, "inner"));
  graph.output("head", parameters.linear(input, "head"));
  const session = await Session.open(encodeModel(graph), { threads: 1 });
  try {
    const found = await session.run({ x: { type: "float32", dims: [2, 4], data: x } });
    const results = Object.fromEntries(
      Object.entries(found).map(([name, { data }]) => [name, Array.from(data, Number)]),
    );
    return { results, rounded: parameters.errors.map(({ name }) => name) };
  } finally {
    await session.close();
  }
}

describe("weights in 8 bits", () => {
  test("rows come back within half a step of their own scale", async () => {
    const { results } = await run();
    const table = array("table");
    [4, 1].forEach((index, i) => {
      const row = table.subarray(index * 4, index * 4 + 4);
      const step = Math.max(...row.map(Math.abs)) / 127;
      row.forEach((weight, column) => {
        const difference = Math.abs(weight - (results.rows?.[i * 4 + column] ?? Number.NaN));
        assert.ok(difference <= step / 2 + 1e-6, `row ${index}: ${difference} of ${step}`);
      });
    });
  });

  test("products are near the exact ones, those of heads are exact", async () => {
    const { results } = await run();
    product("inner", 3).forEach((sum, i) => {
      assert.ok(
        Math.abs(sum - (results.inner?.[i] ?? Number.NaN)) < 0.06,
        `${sum} and ${results.inner?.[i]}`,
      );
    });
    product("head", 2).forEach((sum, i) => {
      assert.ok(Math.abs(sum - (results.head?.[i] ?? Number.NaN)) < 1e-5);
    });
  });

  test("a matrix used twice is stored once", async () => {
    const { results, rounded } = await run();
    assert.deepEqual(rounded, ["table", "inner.weight"]);
    assert.deepEqual(results.again, results.inner);
  });

  test("weights that are not there are named", () => {
    const graph = new Graph();
    const parameters = new QuantizedParameters(graph, specs, new Map());
    const indices = graph.constant("int64", [1], BigInt64Array.of(0n));
    assert.throws(() => parameters.lookup("table", indices), { code: "WEIGHTS_MISMATCH", message: /table/ });
  });
});

describe("words in 4 bits", () => {
  test("are stored once, and only tables are: products are those of 8 bits", () => {
    const graph = new Graph();
    const parameters = new QuantizedParameters(graph, specs, arrays, { wordBits: 4 });
    const first = parameters.lookup("table", graph.input("ids", "int64", ["tokens"]));
    assert.equal(parameters.lookup("table", graph.inputs[0] as Value), first);
    parameters.linear(graph.input("x", "float32", [2, 4]), "inner");
    assert.deepEqual(
      parameters.errors.map(({ name }) => name),
      ["table", "inner.weight"],
    );
    const [table, inner] = parameters.errors.map(({ relativeError }) => relativeError) as [number, number];
    assert.ok(table > 0.02 && table < 0.15, `${table}`);
    assert.ok(inner > 0 && inner < 0.01, `${inner}`);
  });

  test("that are not there are named", () => {
    const graph = new Graph();
    const parameters = new QuantizedParameters(graph, specs, new Map(), { wordBits: 4 });
    const indices = graph.constant("int64", [1], BigInt64Array.of(0n));
    assert.throws(() => parameters.lookup("table", indices), { code: "WEIGHTS_MISMATCH", message: /table/ });
  });
});

describe("inputs in 8 bits, a scale for each row", () => {
  /** Products of `rows` with `inner`, with and without a floor that no value lies below. */
  async function multiply(rows: readonly (readonly number[])[], floor?: number): Promise<number[]> {
    const graph = new Graph();
    const parameters = new QuantizedParameters(graph, specs, arrays);
    graph.output("y", parameters.linear(graph.input("x", "float32", ["rows", 4]), "inner", floor));
    const session = await Session.open(encodeModel(graph), { threads: 1 });
    try {
      const data = Float32Array.from(rows.flat());
      const { y } = await session.run({ x: { type: "float32", dims: [rows.length, 4], data } });
      return Array.from(y?.data ?? [], Number);
    } finally {
      await session.close();
    }
  }

  test("a row's product does not depend on the rows beside it", async () => {
    const quiet = [0.1, -0.05, 0.02, 0.08];
    const alone = await multiply([quiet]);
    assert.deepEqual((await multiply([quiet, [900, -400, 3, 7]])).slice(0, 3), alone);
    assert.notDeepEqual(alone, [0, 0, 0]);
  });

  test("a floor spends all steps above it and the bias makes up for the shift", async () => {
    const rows = [
      [-0.16, 0.4, 2, 0.01],
      [0, -0.1, 0.3, 0.2],
    ];
    const exact = rows.flatMap((row) =>
      [0, 1, 2].map((column) =>
        row.reduce(
          (sum, value, i) => sum + value * (array("inner.weight")[i * 3 + column] as number),
          array("inner.bias")[column] as number,
        ),
      ),
    );
    (await multiply(rows, -0.16998)).forEach((sum, i) => {
      assert.ok(Math.abs(sum - (exact[i] as number)) < 0.03, `${sum} and ${exact[i]}`);
    });
  });

  test("a row of zeros gives the bias", async () => {
    const [first] = await multiply([[0, 0, 0, 0]]);
    assert.ok(Math.abs((first as number) - (array("inner.bias")[0] as number)) < 1e-6);
  });
});
