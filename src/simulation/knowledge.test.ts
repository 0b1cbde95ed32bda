/** Knowledge tracing against a worked example, and what must hold of it for any numbers. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { correctProbability, fractionKnown, learn, learningRate, logistic, logit } from "./knowledge.js";

const near = (got: number, expected: number): void =>
  assert.ok(Math.abs(got - expected) < 1e-9, `${got} is not ${expected}`);

describe("knowledge", () => {
  test("the textbook example: p(L) .4, p(T) .1, p(S) .3, p(G) .2", () => {
    // .4 · .7 + .6 · .2 = .40; a wrong answer leaves p(L) at .12 / .6 = .2, learning lifts it to .2 + .8 · .1 = .28.
    near(correctProbability(0.4, 0.2, 0.3), 0.4);
    near(learn(0.2, 0.1), 0.28);
    near(correctProbability(0.28, 0.2, 0.3), 0.34);
  });

  test("p(L0) and p(T) are read back from accuracy and its growth", () => {
    const known = fractionKnown(0.65, 0.2, 0.1);
    near(correctProbability(known, 0.2, 0.1), 0.65);
    const rate = learningRate(0.025, known, 0.2, 0.1);
    near(correctProbability(learn(known, rate), 0.2, 0.1), 0.675);
  });

  test("learning never unlearns and never passes 1; logit and logistic undo each other", () => {
    const share = fc.double({ min: 0.001, max: 0.999, noNaN: true });
    fc.assert(
      fc.property(share, share, (known, rate) => {
        const after = learn(known, rate);
        assert.ok(after >= known && after <= 1);
        assert.ok(Math.abs(logistic(logit(known)) - known) < 1e-9);
      }),
    );
  });
});
