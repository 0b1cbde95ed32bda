import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { widenBrain, widenHalf } from "./half.js";

const everyPattern = Uint16Array.from({ length: 65536 }, (_, i) => i);

/** The number a binary float stands for, straight from the definition. */
function decode(pattern: number, exponentBits: number, fractionBits: number): number {
  const bias = 2 ** (exponentBits - 1) - 1;
  const sign = pattern >>> (exponentBits + fractionBits) ? -1 : 1;
  const exponent = (pattern >>> fractionBits) & (2 ** exponentBits - 1);
  const fraction = (pattern & (2 ** fractionBits - 1)) / 2 ** fractionBits;
  if (exponent === 2 ** exponentBits - 1) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  return exponent === 0 ? sign * fraction * 2 ** (1 - bias) : sign * (1 + fraction) * 2 ** (exponent - bias);
}

describe("16-bit floats", () => {
  test("every F16 pattern widens to the number it stands for, signed zeros included", () => {
    const wide = widenHalf(everyPattern);
    for (const i of everyPattern) {
      if (!Object.is(wide[i], decode(i, 5, 10))) assert.fail(`F16 0x${i.toString(16)}: ${wide[i]}`);
    }
  });

  test("every BF16 pattern widens to the number it stands for, signed zeros included", () => {
    const wide = widenBrain(everyPattern);
    for (const i of everyPattern) {
      if (!Object.is(wide[i], decode(i, 8, 7))) assert.fail(`BF16 0x${i.toString(16)}: ${wide[i]}`);
    }
  });

  test("known values", () => {
    assert.deepEqual(
      [...widenHalf(Uint16Array.of(0x3c00, 0xc000, 0x7bff, 0x0001))],
      [1, -2, 65504, 2 ** -24],
    );
    assert.deepEqual([...widenBrain(Uint16Array.of(0x3f80, 0xc000, 0x4049))], [1, -2, 3.140625]);
  });
});
