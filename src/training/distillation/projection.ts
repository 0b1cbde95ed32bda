/** @file A teacher's vectors in fewer numbers, whose dot products are nearly those of the whole vectors. */
import { Random } from "../../base/random.js";

/** Rounds of orthogonal iteration: what is left of the (size + 1)th direction falls by the ratio of the two eigenvalues in each. */
const rounds = 20;

/** A vector of length 1 in the same direction; zeros stay zeros. */
export function normalizeVector(vector: Float32Array): Float32Array {
  const length = Math.hypot(...vector);
  return length === 0 ? vector.slice() : vector.map((value) => value / length);
}

/**
 * Directions a vector is measured along.
 * Of all sets of `size` directions, those that carry most of Σ v·vᵀ (the mean is not taken away) keep the dot products
 * best, in the sense of least squares.
 * @source Eckart & Young, "The approximation of one matrix by another of lower rank", 1936; found by orthogonal
 *   iteration: Golub & Van Loan, "Matrix Computations", §8.2.4.
 */
export class Projection {
  /** Numbers that are left of a vector. */
  readonly size: number;
  /** Orthonormal, `[size]` of `[vector]`. */
  readonly #directions: readonly Float64Array[];

  private constructor(directions: readonly Float64Array[]) {
    this.#directions = directions;
    this.size = directions.length;
  }

  /** Finds the directions of vectors of one length; no more of them than a vector has numbers. */
  static fit(vectors: readonly Float32Array[], size: number): Projection {
    const width = vectors[0]?.length ?? 0;
    const moments = sumOuterProducts(vectors, width);
    const random = Random.seeded(1, "projection");
    let directions: Float64Array[] = Array.from({ length: Math.min(size, width) }, () =>
      Float64Array.from({ length: width }, () => random.normal()),
    );
    for (let round = 0; round < rounds; round++) {
      directions = orthonormalize(
        directions.map((direction) => Float64Array.from(moments, (row) => dotProduct(row, direction))),
      );
    }
    return new Projection(directions);
  }

  /** What is left of a vector, `[size]`. */
  project(vector: Float32Array): Float32Array {
    return Float32Array.from(this.#directions, (direction) => dotProduct(vector, direction));
  }
}

/** Σ aᵢ·bᵢ of two lists of one length. */
export function dotProduct(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] as number) * (b[i] as number);
  return sum;
}

/** Σ v·vᵀ, row by row. */
function sumOuterProducts(vectors: readonly Float32Array[], width: number): Float64Array[] {
  const rows = Array.from({ length: width }, () => new Float64Array(width));
  for (const vector of vectors) {
    rows.forEach((row, i) => {
      const factor = vector[i] as number;
      for (let j = 0; j <= i; j++) row[j] = (row[j] as number) + factor * (vector[j] as number);
    });
  }
  rows.forEach((row, i) => {
    for (let j = 0; j < i; j++) (rows[j] as Float64Array)[i] = row[j] as number;
  });
  return rows;
}

/** Gram–Schmidt, each vector twice so that rounding does not tilt it; a direction that nothing is left of becomes zeros. */
function orthonormalize(vectors: readonly Float64Array[]): Float64Array[] {
  const done: Float64Array[] = [];
  for (const vector of vectors) {
    const before = Math.sqrt(dotProduct(vector, vector));
    for (let pass = 0; pass < 2; pass++) {
      for (const other of done) {
        const share = dotProduct(vector, other);
        for (let i = 0; i < vector.length; i++)
          vector[i] = (vector[i] as number) - share * (other[i] as number);
      }
    }
    const length = Math.sqrt(dotProduct(vector, vector));
    const scale = length > 1e-10 * before ? 1 / length : 0;
    done.push(vector.map((value) => value * scale));
  }
  return done;
}
