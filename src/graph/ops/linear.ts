/** @file Matrix products and their gradients. */
import { broadcastShapes, type Dim, multiplyDims, type Shape } from "../../base/shape.js";
import { gemm, matmul, reshape, sumTo, transposeLast } from "../functions.js";
import { expectTypes, int, type OpRules, shapeError } from "../rule.js";
import type { Value } from "../value.js";

/** Shape of a′ · b′ over the last two dimensions. */
function productShape(op: string, a: Value, b: Value): Shape {
  const [m, k] = a.shape.slice(-2) as [Dim, Dim];
  const [inner, n] = b.shape.slice(-2) as [Dim, Dim];
  if (a.shape.length < 2 || b.shape.length < 2) {
    throw shapeError(op, "matrices", [a, b], "unsqueeze a vector into a matrix of one row or column");
  }
  if (k !== inner) {
    const cure = k === n || m === inner ? "transpose one side" : `make ${k} and ${inner} the same`;
    throw shapeError(op, "inner sizes equal", [a, b], cure);
  }
  return [...broadcastShapes(op, a.shape.slice(0, -2), b.shape.slice(0, -2)), m, n];
}

const columns = (x: Value): number => x.shape[x.shape.length - 1] as number;

export const linear: Pick<OpRules, "MatMul" | "Gemm"> = {
  MatMul: {
    infer(inputs) {
      expectTypes("MatMul", inputs, "float32", "float32");
      return [{ type: "float32", shape: productShape("MatMul", inputs[0] as Value, inputs[1] as Value) }];
    },
    // ∂A = dY·Bᵀ, ∂B = Aᵀ·dY (rows of all batches in one product where B is one matrix)
    gradient({ inputs, dy, wanted }) {
      const [a, b] = inputs as [Value, Value];
      const shared =
        b.shape.length === 2 && a.shape.length > 2 && [a, b].every((x) => typeof columns(x) === "number");
      const db = (): Value =>
        shared
          ? gemm(reshape(a, [-1, columns(a)]), reshape(dy, [-1, columns(dy)]), undefined, { transA: true })
          : sumTo(matmul(transposeLast(a), dy), b.shape);
      return [
        wanted[0] ? sumTo(matmul(dy, transposeLast(b)), a.shape) : undefined,
        wanted[1] ? db() : undefined,
      ];
    },
  },
  Gemm: {
    infer(inputs, { transA, transB }) {
      expectTypes("Gemm", inputs, "float32", "float32");
      const [a, b, c] = inputs as [Value, Value, Value?];
      if (a.shape.length !== 2 || b.shape.length !== 2) {
        throw shapeError("Gemm", "two matrices", [a, b], "use matmul for batches");
      }
      const [m, k] = transA ? [a.shape[1], a.shape[0]] : a.shape;
      const [inner, n] = transB ? [b.shape[1], b.shape[0]] : b.shape;
      if (k !== inner) {
        throw shapeError(
          `Gemm(transA ${transA}, transB ${transB})`,
          "inner sizes equal",
          [a, b],
          "transpose one side",
        );
      }
      const shape = [m as Dim, n as Dim];
      if (c && multiplyDims(broadcastShapes("Gemm", shape, c.shape)) !== multiplyDims(shape)) {
        throw shapeError(
          "Gemm",
          "a bias that broadcasts to the product",
          [a, b, c],
          `give it the shape [${n}]`,
        );
      }
      return [{ type: "float32", shape }];
    },
    emit: ({ transA, transB }) => ({
      attributes: { transA: int(transA ? 1 : 0), transB: int(transB ? 1 : 0) },
    }),
    // Y = A·B + C: ∂A = dY·Bᵀ, ∂B = Aᵀ·dY, ∂C = Σ rows of dY; a transposed input takes the transpose of its gradient
    gradient({ inputs, attributes: { transA, transB }, dy, wanted }) {
      const [a, b, c] = inputs as [Value, Value, Value?];
      const da = (): Value =>
        transA
          ? gemm(b, dy, undefined, { transA: transB, transB: true })
          : gemm(dy, b, undefined, { transB: !transB });
      const db = (): Value =>
        transB
          ? gemm(dy, a, undefined, { transA: true, transB: transA })
          : gemm(a, dy, undefined, { transA: !transA });
      return [
        wanted[0] ? da() : undefined,
        wanted[1] ? db() : undefined,
        ...(c ? [wanted[2] ? sumTo(dy, c.shape) : undefined] : []),
      ];
    },
  },
};
