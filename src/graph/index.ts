/** @file Public face of the training core: build a graph, differentiate it, write it as ONNX. Import as `attune/graph`. */
export { AppError, type ErrorCode } from "../base/errors.js";
export type { Dim, Shape } from "../base/shape.js";
export type { ElementType, OpAttributes, OpName } from "./attributes.js";
export { readConstants, type StoredConstant } from "./constants.js";
export * from "./functions.js";
export { gradients } from "./gradient.js";
export { Graph } from "./graph.js";
export { encodeModel, opset } from "./onnx.js";
export { registry } from "./registry.js";
export type { GradientContext, NoGradient, OpRule, OpRules } from "./rule.js";
export type { ConstantData, GraphContext, Node, Value } from "./value.js";
