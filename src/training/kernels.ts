/** @file The WASM-SIMD kernels that touch every parameter every step, bound to one memory; written in kernels.wat. */

/** The part of WebAssembly used here; Node's own types leave it out. */
interface WebAssemblyApi {
  readonly Memory: new (size: { readonly initial: number; readonly maximum: number }) => WebAssemblyMemory;
  readonly Module: new (binary: Uint8Array) => object;
  readonly Instance: new (
    module: object,
    imports: { readonly host: { readonly memory: WebAssemblyMemory } },
  ) => { readonly exports: unknown };
}
declare const WebAssembly: WebAssemblyApi;

/** A block of memory that kernels, ONNX Runtime and JavaScript share. It is never grown: growing detaches views. */
export interface WebAssemblyMemory {
  readonly buffer: ArrayBuffer;
}

/**
 * Kernels over one memory. Pointers are byte addresses; counts are floats and are rounded up to multiples of 16,
 * so every region must be padded with zeros to that. Regions must not overlap.
 */
export interface Kernels {
  /**
   * One AdamW update of `count` weights in place, with moments `m` and `v`.
   * @param decay learning rate × weight decay
   * @param bc1 bias correction 1 − β1^t
   * @param bc2 bias correction 1 − β2^t
   * @param scale what gradients are multiplied by first (clipping, averaging)
   * @source Loshchilov & Hutter, "Decoupled Weight Decay Regularization", 2019, algorithm 2.
   */
  adamw(
    w: number,
    g: number,
    m: number,
    v: number,
    count: number,
    learningRate: number,
    beta1: number,
    beta2: number,
    epsilon: number,
    decay: number,
    bc1: number,
    bc2: number,
    scale: number,
  ): void;
  /** Σ x², summed in float64 in a fixed order. */
  sum_squares(x: number, count: number): number;
  /** acc ← acc + x */
  add(acc: number, x: number, count: number): void;
  /** x ← factor · x */
  scale(x: number, count: number, factor: number): void;
  /** e ← e + (1 − decay) · (w − e) */
  ema(e: number, w: number, count: number, decay: number): void;
  /** x ← 0 */
  zero(x: number, count: number): void;
}

/** Bytes in a page of WebAssembly memory. */
export const pageBytes = 65_536;

/** Pages a memory with 32-bit addresses can have: 4 GiB. */
export const maxPages = 65_536;

/**
 * Allocates `pages` × 64 KiB, zeroed, of fixed size.
 * @throws RangeError when the system does not give that much
 */
export function allocateMemory(pages: number): WebAssemblyMemory {
  return new WebAssembly.Memory({ initial: pages, maximum: pages });
}

/** Binds the kernels to a memory. */
export function bindKernels(memory: WebAssemblyMemory): Kernels {
  const instance = new WebAssembly.Instance(new WebAssembly.Module(kernelBinary()), { host: { memory } });
  return instance.exports as Kernels;
}

/** The compiled kernels.wat, which a test holds equal to a fresh compilation. */
export function kernelBinary(): Uint8Array {
  return Buffer.from(base64, "base64");
}

// Written by scripts/build-kernels.mjs; everything else in this file is written by hand.
const base64 =
  "AGFzbQEAAAABNAdgAX8Bf2ANf39/f398fHx8fHx8fABgAn9/AXxgA39/fwBgA39/fABgBH9/f3wAYAJ/fwACEAEEaG9zdAZtZW1vcnkCAAEDCAcAAQIDBAUGBzIGBWFkYW13AAELc3VtX3NxdWFyZXMAAgNhZGQAAwVzY2FsZQAEA2VtYQAFBHplcm8ABgqHBgcNACAAQQ9qQXBxQQJ0C+ICAgF/DnsgBrb9EyERRAAAAAAAAPA/IAahtv0TIRIgB7b9EyETRAAAAAAAAPA/IAehtv0TIRREAAAAAAAA8D8gCaG2/RMhFSAFIAqjtv0TIRZEAAAAAAAA8D8gC5+jtv0TIRcgCLb9EyEYIAy2/RMhGUOqdzgj/RMhGkNgQqIN/RMhGyAEEAAhDSANRQRADwsDQCAB/QAEACAZ/eYBIQ4gDiAO/eABIBr9Q/1PIQ4gESAC/QAEAP3mASASIA795gH95AEhDyAPIA/94AEgG/1D/U8hDyACIA/9CwQAIBMgA/0ABAD95gEgFCAO/eYBIA795gH95AEhECAQIBD94AEgG/1D/U8hECADIBD9CwQAIAAgFSAA/QAEAP3mASAWIA8gEP3jASAX/eYBIBj95AH95wH95gH95QH9CwQAIABBEGohACABQRBqIQEgAkEQaiECIANBEGohAyANQRBrIg0NAAsLogECAX8GeyABEAAhAiACBEADQCAA/V0DAP1fIQMgAP1dAwj9XyEEIAUgAyAD/fIB/fABIQUgBiAEIAT98gH98AEhBiAA/V0DEP1fIQMgAP1dAxj9XyEEIAcgAyAD/fIB/fABIQcgCCAEIAT98gH98AEhCCAAQSBqIQAgAkEgayICDQALCyAFIAb98AEgByAI/fAB/fABIQUgBf0hACAF/SEBoAtAAQF/IAIQACEDIANFBEAPCwNAIAAgAP0ABAAgAf0ABAD95AH9CwQAIABBEGohACABQRBqIQEgA0EQayIDDQALCz4CAX8BeyACtv0TIQQgARAAIQMgA0UEQA8LA0AgACAA/QAEACAE/eYB/QsEACAAQRBqIQAgA0EQayIDDQALC2ECAX8Ce0QAAAAAAADwPyADobb9EyEFIAIQACEEIARFBEAPCwNAIAD9AAQAIQYgACAGIAUgAf0ABAAgBv3lAf3mAf3kAf0LBAAgAEEQaiEAIAFBEGohASAEQRBrIgQNAAsLDQAgAEEAIAEQAPwLAAs=";
