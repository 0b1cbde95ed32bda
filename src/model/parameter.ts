/** @file What a trainable array is called, how large it is, where it comes from and how it begins. */
import { AppError } from "../base/errors.js";
import type { Random } from "../base/random.js";

/** How a parameter begins when no file holds it. */
export type Initial =
  | { readonly kind: "zeros" }
  | { readonly kind: "ones" }
  | {
      readonly kind: "normal";
      /** Standard deviation around 0; 0.02 when not given, as in BERT. */
      readonly deviation?: number;
    };

/** A trainable array of the model. */
export interface ParameterSpec {
  /** Our name, unique in the model. */
  readonly name: string;
  /** Our shape, row-major. */
  readonly shape: readonly number[];
  /** Where a published encoder keeps it. */
  readonly source?: {
    /** Hugging Face name without any model prefix: `encoder.layer.0.attention.self.query.weight`. */
    readonly name: string;
    /** The file holds `[out, in]` and we `[in, out]`. */
    readonly transposed: boolean;
  };
  /** Which learning rate it has. */
  readonly group: "encoder" | "heads";
  /** Whether weight decay applies: not to biases and norms. */
  readonly decay: boolean;
  readonly initial: Initial;
}

/** Numbers an array of `shape` holds. */
export function countElements(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}

/** Numbers all arrays of `specs` hold together. */
export function countParameters(specs: readonly ParameterSpec[]): number {
  return specs.reduce((sum, { shape }) => sum + countElements(shape), 0);
}

/**
 * Fresh arrays for `specs`, keyed by our names. Draws are taken in the order of `specs`, so the same list and the
 * same random state give the same weights bit by bit.
 * @throws INTERNAL when two specs share a name
 */
export function initializeParameters(
  specs: readonly ParameterSpec[],
  random: Random,
): Map<string, Float32Array> {
  const parameters = new Map<string, Float32Array>();
  for (const { name, shape, initial } of specs) {
    if (parameters.has(name)) {
      throw new AppError(
        "INTERNAL",
        `initializeParameters: expected unique names, got ${name} twice; rename one`,
      );
    }
    const data = new Float32Array(countElements(shape));
    if (initial.kind === "ones") data.fill(1);
    if (initial.kind === "normal") {
      const { deviation = 0.02 } = initial;
      for (let i = 0; i < data.length; i++) data[i] = deviation * random.normal();
    }
    parameters.set(name, data);
  }
  return parameters;
}
