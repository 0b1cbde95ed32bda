/** @file The one registry of ops. An op without a rule, or a rule without a gradient, does not compile. */
import { elementwise } from "./ops/elementwise.js";
import { indexing } from "./ops/indexing.js";
import { layout } from "./ops/layout.js";
import { linear } from "./ops/linear.js";
import { quantized } from "./ops/quantized.js";
import { reduction } from "./ops/reduction.js";
import type { OpRules } from "./rule.js";

/** Every op with its shapes, its ONNX form and its gradient. */
export const registry: OpRules = {
  ...elementwise,
  ...linear,
  ...layout,
  ...reduction,
  ...indexing,
  ...quantized,
};
