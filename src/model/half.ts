/** @file Widens the two 16-bit float formats encoders are published in; exact, because every such number is an fp32 number. */

let halfTable: Uint32Array | undefined;

/** The fp32 bits of every one of the 65,536 F16 bit patterns: a look-up beats bit tricks once tensors are large. */
function buildHalfTable(): Uint32Array {
  const table = new Uint32Array(65536);
  const value = new Float32Array(1);
  const valueBits = new Uint32Array(value.buffer);
  for (let magnitude = 0; magnitude < 0x8000; magnitude++) {
    const exponent = magnitude >>> 10;
    const fraction = magnitude & 0x3ff;
    let bits: number;
    if (exponent === 0) {
      value[0] = fraction * 2 ** -24; // zero and the subnormals, all normal in fp32
      bits = valueBits[0] as number;
    } else if (exponent === 31) {
      bits = 0x7f800000 | (fraction << 13); // infinity and NaN, payload kept
    } else {
      bits = ((exponent + 112) << 23) | (fraction << 13); // bias 15 becomes 127
    }
    table[magnitude] = bits;
    table[magnitude | 0x8000] = (bits | 0x80000000) >>> 0;
  }
  return table;
}

/** Widens IEEE 754 half-precision bit patterns (F16) to fp32, `[n]` to `[n]`. */
export function widenHalf(bits: Uint16Array): Float32Array {
  halfTable ??= buildHalfTable();
  const table = halfTable;
  const out = new Float32Array(bits.length);
  const outBits = new Uint32Array(out.buffer);
  for (let i = 0; i < bits.length; i++) outBits[i] = table[bits[i] as number] as number;
  return out;
}

/** Widens bfloat16 bit patterns (BF16: the upper half of an fp32 number) to fp32, `[n]` to `[n]`. */
export function widenBrain(bits: Uint16Array): Float32Array {
  const out = new Float32Array(bits.length);
  const outBits = new Uint32Array(out.buffer);
  for (let i = 0; i < bits.length; i++) outBits[i] = (bits[i] as number) << 16;
  return out;
}
