/** @file Two layers that learn which points lie in opposite quadrants (XOR): forward, loss and update in one graph. */
import { encodeModel, Graph, gemm, gradients, mul, reduceMean, softplus, sub, tanh } from "attune/graph";
import { Session, type Tensor } from "attune/runtime";

const graph = new Graph();
const x = graph.input("x", "float32", ["batch", 2]);
const y = graph.input("y", "float32", ["batch", 1]); // 1 where both coordinates have one sign, else 0
const w1 = graph.input("w1", "float32", [2, 16]);
const b1 = graph.input("b1", "float32", [16]);
const w2 = graph.input("w2", "float32", [16, 1]);
const logits = graph.output("logits", gemm(tanh(gemm(x, w1, b1)), w2)); // [batch, 1]
const loss = graph.output("loss", reduceMean(sub(softplus(logits), mul(y, logits)), [0, 1])); // cross-entropy
const slopes = gradients(loss, [w1, b1, w2]);
[w1, b1, w2].forEach((weight, i) => {
  graph.output(`next.${weight.name}`, sub(weight, mul(slopes[i] ?? 0, 0.5))); // one step downhill
});

const floats = (dims: number[], value: (i: number) => number): Tensor => {
  const length = dims.reduce((product, size) => product * size);
  return { type: "float32", dims, data: Float32Array.from({ length }, (_, i) => value(i)) };
};
const scatter = (seed: number): Record<string, Tensor> => {
  const at = (i: number): number => Math.sin(seed * i * i); // spread over [-1, 1], the same in every run
  return { x: floats([200, 2], at), y: floats([200, 1], (i) => Number(at(2 * i) * at(2 * i + 1) > 0)) };
};
const feeds = scatter(1);
for (const { name, shape } of [w1, b1, w2])
  feeds[name] = floats(shape.map(Number), (i) => Math.sin(7 * i + 1));
const session = await Session.open(encodeModel(graph));
for (let step = 0; step < 1000; step++) {
  const results = await session.run(feeds);
  for (const { name } of [w1, b1, w2]) feeds[name] = results[`next.${name}`] as Tensor;
}
const unseen = scatter(2);
const { logits: answers } = await session.run({ ...feeds, ...unseen });
const right = unseen.y?.data.filter((label, i) => label > 0 === Number(answers?.data[i]) > 0).length;
console.log(`${right} of 200 unseen points right`);
await session.close();
