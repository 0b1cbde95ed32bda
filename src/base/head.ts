/** @file The heads of a model: their names, their order and how wide each is. Data, training, format and serving agree on it here. */

/** Width of each head's output, all logits: softmax for `emotion` and `support`, sigmoid for the others. */
export const headSizes = {
  emotion: 41,
  goemotions: 28,
  pad: 3,
  emobank: 3,
  readiness: 1,
  support: 6,
} as const;

/** Name of a head. */
export type HeadName = keyof typeof headSizes;

/** The heads in their one order. */
export const headNames = [
  "emotion",
  "goemotions",
  "pad",
  "emobank",
  "readiness",
  "support",
] as const satisfies readonly HeadName[];
