/** @file Shapes whose dimensions may be symbols, so that one graph serves every batch size and text length. */
import { AppError } from "./errors.js";

/** A dimension: a number, a symbol (`batch`), or a product of both (`12*batch*tokens`). */
export type Dim = number | string;

/** Dimensions, outermost first. */
export type Shape = readonly Dim[];

interface Monomial {
  readonly factor: number;
  readonly symbols: readonly string[];
}

function parse(dim: Dim): Monomial {
  if (typeof dim === "number") return { factor: dim, symbols: [] };
  let factor = 1;
  const symbols: string[] = [];
  for (const part of dim.split("*")) {
    if (/^\d+$/.test(part)) factor *= Number(part);
    else symbols.push(part);
  }
  return { factor, symbols: symbols.sort() };
}

function print({ factor, symbols }: Monomial): Dim {
  if (symbols.length === 0) return factor;
  return factor === 1 ? symbols.join("*") : `${factor}*${symbols.join("*")}`;
}

/** Product of dimensions in its one spelling: symbols sorted, the number first. */
export function multiplyDims(dims: Shape): Dim {
  let factor = 1;
  const symbols: string[] = [];
  for (const dim of dims) {
    const part = parse(dim);
    factor *= part.factor;
    symbols.push(...part.symbols);
  }
  return print({ factor, symbols: symbols.sort() });
}

/** Quotient of two dimensions, or `undefined` where it is not whole or the symbols do not cancel. */
export function divideDims(dividend: Dim, divisor: Dim): Dim | undefined {
  const top = parse(dividend);
  const bottom = parse(divisor);
  if (bottom.factor === 0 || top.factor % bottom.factor !== 0) return undefined;
  const symbols = [...top.symbols];
  for (const symbol of bottom.symbols) {
    const at = symbols.indexOf(symbol);
    if (at < 0) return undefined;
    symbols.splice(at, 1);
  }
  return print({ factor: top.factor / bottom.factor, symbols });
}

/** Whether two shapes are the same, symbol by symbol. */
export function sameShape(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((dim, i) => dim === b[i]);
}

/** A shape as it stands in messages: `[batch,12,64]`. */
export function printShape(shape: Shape): string {
  return `[${shape.join(",")}]`;
}

/**
 * The shape that two shapes broadcast to, by the rules of NumPy and ONNX; a symbol matches itself and 1.
 * @throws GRAPH_SHAPE naming `where` and both shapes
 */
export function broadcastShapes(where: string, a: Shape, b: Shape): Shape {
  const rank = Math.max(a.length, b.length);
  const out: Dim[] = [];
  for (let i = 0; i < rank; i++) {
    const left = a[i - rank + a.length] ?? 1;
    const right = b[i - rank + b.length] ?? 1;
    if (left !== right && left !== 1 && right !== 1) {
      throw new AppError(
        "GRAPH_SHAPE",
        `${where}: expected shapes that broadcast, got ${printShape(a)} and ${printShape(b)}; make dimension ${i} (${left} against ${right}) equal or 1`,
      );
    }
    out.push(left === 1 ? right : left);
  }
  return out;
}

/** Number of elements of a shape without symbols. @throws GRAPH_SHAPE where a symbol is left */
export function countElements(where: string, shape: Shape): number {
  const product = multiplyDims(shape);
  if (typeof product !== "number") {
    throw new AppError(
      "GRAPH_SHAPE",
      `${where}: expected known dimensions, got ${printShape(shape)}; give numbers`,
    );
  }
  return product;
}
