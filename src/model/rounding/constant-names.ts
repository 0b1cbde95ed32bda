/** @file What the constants of an exported model are called, so that its weights can be read back out of it. */

/**
 * Names of the constants that stand beside a parameter's own in a rounded model. The parameter itself has its plain name,
 * be it floats, 8 bits or two numbers of 4 bits a byte.
 */
export const constantNames = {
  /** A scale for each column, row, or block of a row. */
  scales: (parameter: string): string => `${parameter}.scales`,
  /** What the scales of a row in 4 bits are counted in. */
  units: (parameter: string): string => `${parameter}.units`,
  /** Stands for a product's bias b where its input is rounded from `floor` up: b + floor · Σ in W. */
  raisedBias: (product: string): string => `${product}.bias.raised`,
} as const;
