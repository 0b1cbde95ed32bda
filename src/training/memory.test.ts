import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { AppError } from "../base/errors.js";
import { ParameterMemory, type ParameterSpec } from "./memory.js";

const specs: ParameterSpec[] = [
  { name: "table", shape: [7, 3], group: "encoder", decay: true, frozen: true },
  { name: "query", shape: [5, 5], group: "encoder", decay: true },
  { name: "query.bias", shape: [5], group: "encoder", decay: false },
  { name: "value", shape: [4, 4], group: "encoder", decay: true },
  { name: "low", shape: [3], group: "encoder", decay: true, learningRateScale: 0.5 },
  { name: "head", shape: [2, 3], group: "heads", decay: true },
];

const code = (expected: string) => (error: unknown) => error instanceof AppError && error.code === expected;

describe("ParameterMemory", () => {
  test("every view starts on a 64-byte line, has its own floats and lies in its region", () => {
    const memory = new ParameterMemory(specs, { ema: true, accumulate: true });
    const views = specs.flatMap((spec) =>
      spec.frozen
        ? [memory.weights(spec.name)]
        : [
            memory.weights(spec.name),
            memory.gradient(spec.name),
            memory.moment1(spec.name),
            memory.moment2(spec.name),
            memory.average(spec.name),
          ],
    );
    views.forEach((view, i) => {
      view.fill(i + 1);
    });
    views.forEach((view, i) => {
      assert.equal(view.byteOffset % 64, 0);
      assert.ok(
        view.every((x) => x === i + 1),
        `view ${i} is shared with another`,
      );
    });
    assert.equal(memory.weights("query").length, 25);
    assert.ok(memory.bytes <= memory.weights("query").buffer.byteLength);
  });

  test("parameters of one setting are one range, wherever they stand in the list", () => {
    const memory = new ParameterMemory(specs, { ema: false, accumulate: false });
    assert.deepEqual(
      memory.ranges.map((range) => [
        range.group,
        range.decay,
        range.learningRateScale,
        range.offset,
        range.count,
      ]),
      [
        ["encoder", true, 1, 0, 48],
        ["encoder", false, 1, 48, 16],
        ["encoder", true, 0.5, 64, 16],
        ["heads", true, 1, 80, 16],
      ],
    );
    assert.equal(memory.trainableCount, 96);
    assert.equal(memory.all("gradients").length, 96);
    assert.equal(memory.all("weights").length, 96 + 32);
  });

  test("a frozen parameter has weights only, and its average is its weights", () => {
    const memory = new ParameterMemory(specs, { ema: true, accumulate: false });
    assert.throws(() => memory.gradient("table"), code("INTERNAL"));
    assert.equal(memory.average("table"), memory.weights("table"));
    memory.weights("table").fill(3);
    memory.weights("query").fill(4);
    memory.copy("weights", "average");
    memory.clear("weights");
    assert.ok(memory.weights("table").every((x) => x === 3));
    assert.ok(memory.weights("query").every((x) => x === 0));
    assert.ok(memory.average("query").every((x) => x === 4));
  });

  test("what was not asked for and names that do not exist are errors", () => {
    const memory = new ParameterMemory(specs, { ema: false, accumulate: false });
    assert.throws(() => memory.average("query"), code("INTERNAL"));
    assert.throws(() => memory.all("accumulated"), code("INTERNAL"));
    assert.throws(() => memory.weights("qurey"), /got qurey/);
    assert.throws(
      () => new ParameterMemory([...specs, ...specs], { ema: false, accumulate: false }),
      /twice/,
    );
  });

  test("more than 4 GiB is refused with the remedy, before anything is allocated", () => {
    const large: ParameterSpec = { name: "w", shape: [30_000, 10_000], group: "encoder", decay: true };
    assert.throws(
      () => new ParameterMemory([large], { ema: false, accumulate: false }),
      (error) => {
        assert.ok(code("OUT_OF_MEMORY")(error));
        assert.match(String(error), /4\.47 GiB; freeze/);
        return true;
      },
    );
  });
});
