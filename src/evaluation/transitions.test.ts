import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { parseTransitionModel } from "../trajectory/transition-model.js";
import { learnSimulatedTransitions, scoreTransitions, simulateEmotions } from "./transitions.js";

test("transitions learned on simulated learners tell the next emotion of others better than staying or base rates", () => {
  const unseen = simulateEmotions(120, 12);
  const figures = scoreTransitions(learnSimulatedTransitions(300, 11), unseen);
  assert.ok(figures.gain.low > 0, JSON.stringify(figures.gain));
  assert.ok(figures.learners > 100 && figures.transitions > 500);
  assert.ok(figures.top1.learned.value >= figures.top1["same as now"].value);
});

test("the shipped transitions are read, and are no worse on learners nobody learned from", () => {
  const path = new URL("../../../data/transitions/simulated.json", import.meta.url);
  const shipped = parseTransitionModel(JSON.parse(readFileSync(path, "utf8")), "simulated.json");
  assert.match(shipped.source, /simulated learners, seed 1$/);
  assert.ok(scoreTransitions(shipped, simulateEmotions(120, 12)).gain.low > 0);
});
