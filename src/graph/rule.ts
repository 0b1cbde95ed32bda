/** @file What an op must say of itself: its shapes, its form in ONNX and its gradient, side by side. */
import { AppError } from "../base/errors.js";
import { printShape, type Shape } from "../base/shape.js";
import type { ElementType, OpAttributes, OpName } from "./attributes.js";
import type { Value } from "./value.js";

/** Type and shape of an output. */
export interface Signature {
  readonly type: ElementType;
  readonly shape: Shape;
}

/** An ONNX attribute, tagged with its kind. */
export type OnnxAttribute =
  | { readonly kind: "int"; readonly value: number }
  | { readonly kind: "ints"; readonly value: readonly number[] }
  | { readonly kind: "float"; readonly value: number }
  | { readonly kind: "string"; readonly value: string };

/** How a node is written in ONNX: another name, attributes, int64 inputs that are known when building. */
export interface Emission {
  readonly name?: string;
  readonly attributes?: Readonly<Record<string, OnnxAttribute>>;
  /** Inputs after those of the node: int64 vectors or scalars, or `null` for one left out. */
  readonly extraInputs?: readonly (readonly number[] | number | null)[];
}

/** What a gradient is computed from. */
export interface GradientContext<K extends OpName> {
  readonly inputs: readonly Value[];
  readonly outputs: readonly Value[];
  readonly attributes: OpAttributes[K];
  /** ∂loss/∂output of the first output, the only one that a gradient flows through. */
  readonly dy: Value;
  /** Which inputs a gradient is wanted for: leave the work for the others undone. */
  readonly wanted: readonly boolean[];
}

/** Why an op has no gradient. */
export interface NoGradient {
  readonly none: string;
}

/** One entry of the registry. */
export interface OpRule<K extends OpName> {
  /** Types and shapes of the outputs. @throws GRAPH_SHAPE, GRAPH_TYPE */
  infer(inputs: readonly Value[], attributes: OpAttributes[K]): readonly Signature[];
  /** Its form in ONNX; the op's own name without attributes when absent. */
  emit?(attributes: OpAttributes[K]): Emission;
  /** ∂loss/∂input for each wanted input, in order, or the reason why there is none. */
  readonly gradient: ((context: GradientContext<K>) => readonly (Value | undefined)[]) | NoGradient;
}

/** The registry's type: an op without a rule, or a rule without a gradient, does not compile. */
export type OpRules = { readonly [K in OpName]: OpRule<K> };

/** An error about shapes. */
export function shapeError(op: string, expected: string, values: readonly Value[], cure: string): AppError {
  const got = values.map((value) => printShape(value.shape)).join(" × ");
  return new AppError("GRAPH_SHAPE", `${op}: expected ${expected}, got ${got}; ${cure}`);
}

/** Checks that each input has the element type expected of it. @throws GRAPH_TYPE */
export function expectTypes(
  op: string,
  inputs: readonly Value[],
  ...types: readonly (ElementType | ElementType[])[]
): void {
  types.forEach((type, i) => {
    const input = inputs[i];
    if (input === undefined)
      throw new AppError(
        "GRAPH_TYPE",
        `${op}: expected ${types.length} inputs, got ${inputs.length}; give all of them`,
      );
    const allowed: readonly ElementType[] = Array.isArray(type) ? type : [type];
    if (!allowed.includes(input.type)) {
      throw new AppError(
        "GRAPH_TYPE",
        `${op}: expected input ${i} (${input.name}) of type ${allowed.join(" or ")}, got ${input.type}; cast it first`,
      );
    }
  });
}

export const int = (value: number): OnnxAttribute => ({ kind: "int", value });
export const ints = (value: readonly number[]): OnnxAttribute => ({ kind: "ints", value });
export const float = (value: number): OnnxAttribute => ({ kind: "float", value });
export const string = (value: string): OnnxAttribute => ({ kind: "string", value });
