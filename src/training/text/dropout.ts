/** @file Dropout whose masks are drawn outside the graph, so that they are seeded, resumable and cheap. */
import type { Random } from "../../base/random.js";
import type { Dim } from "../../base/shape.js";
import { cast, type Graph, mul, type Value } from "../../graph/index.js";
import type { Tensor } from "../../runtime/session.js";

interface Mask {
  readonly name: string;
  readonly shape: readonly Dim[];
  readonly probability: number;
}

/** Sizes that the symbols of a graph have in one batch. */
export type Sizes = Readonly<Record<string, number>>;

/** Size of a dimension, symbols and products resolved. */
export function resolveDim(dim: Dim, sizes: Sizes): number {
  if (typeof dim === "number") return dim;
  return dim.split("*").reduce((product, part) => product * (sizes[part] ?? Number(part)), 1);
}

/**
 * The dropout sites of one training graph.
 * @source Srivastava et al., "Dropout", 2014; inverted: kept elements are divided by 1 − p.
 */
export class Dropout {
  readonly #graph: Graph;
  readonly #masks: Mask[] = [];

  constructor(graph: Graph) {
    this.#graph = graph;
  }

  /** x · mask / (1 − p); x itself where p is 0. */
  apply(x: Value, probability: number): Value {
    if (probability === 0) return x;
    const name = `dropout.${this.#masks.length}`;
    this.#masks.push({ name, shape: x.shape, probability });
    const mask = cast(this.#graph.input(name, "bool", x.shape), "float32");
    return mul(x, mul(mask, 1 / (1 - probability)));
  }

  /** Fresh masks for a batch: 16 random bits decide an element. */
  draw(random: Random, sizes: Sizes): Record<string, Tensor> {
    const feeds: Record<string, Tensor> = {};
    for (const { name, shape, probability } of this.#masks) {
      const dims = shape.map((dim) => resolveDim(dim, sizes));
      const data = new Uint8Array(dims.reduce((product, size) => product * size, 1));
      const threshold = Math.round(probability * 65536);
      for (let i = 0; i < data.length; i += 2) {
        const bits = random.uint32();
        data[i] = (bits & 0xffff) >= threshold ? 1 : 0;
        data[i + 1] = bits >>> 16 >= threshold ? 1 : 0;
      }
      feeds[name] = { type: "bool", dims, data };
    }
    return feeds;
  }
}
