import assert from "node:assert/strict";
import { before, describe, test } from "node:test";
import { stateOf } from "../../test/fixtures/situations.js";
import { createConstant } from "../policy/policies.js";
import type { Comparison } from "../simulation-lab/comparison.js";
import {
  bendings,
  type ComparisonOptions,
  runComparison,
  runSensitivity,
} from "../simulation-lab/experiment.js";
import { renderPolicyPage } from "./policy-page.js";
import {
  judgeComparison,
  judgeDifference,
  listReversals,
  type PolicyReport,
  renderPolicyTable,
} from "./policy-report.js";

const options: ComparisonOptions = {
  policies: ["never", "always-mild", "text-head", "rule", "learned"],
  learners: 12,
  seeds: [101, 102],
  steps: 8,
  voices: undefined,
  readiness: {
    assessAll: async (questions) =>
      questions.map(() => ({ ...stateOf(), state: "moderate_readiness" as const, attention: [] })),
  },
  learned: createConstant("learned", 1),
  guards: {},
  resamples: 50,
};

describe("a report of compared policies", () => {
  let report: PolicyReport;
  const heard: string[] = [];
  before(async () => {
    const comparison = await runComparison({
      ...options,
      onProgress: (done, total, policy) => heard.push(`${done}/${total} ${policy}`),
    });
    const sensitivity = await runSensitivity({ ...options, learners: 4, policies: ["never", "learned"] });
    report = {
      formatVersion: 1,
      simulated: true,
      comparedAt: "2026-01-01T00:00:00Z",
      seeds: options.seeds,
      learnersPerSeed: 12,
      steps: 8,
      split: "test",
      models: { text: "<text> 1" },
      comparison,
      sensitivity,
    };
  });

  test("every policy meets all learners of every seed, in the order of reports", () => {
    assert.deepEqual(
      report.comparison.policies.map(({ policy }) => policy),
      options.policies,
    );
    assert.equal(report.comparison.learners, 24);
    assert.equal(heard.at(-1), "80/80 learned");
    assert.equal(report.sensitivity.length, bendings.length);
    assert.equal(bendings.length, 12);
    // Assumptions of support do not matter where there is none, those of affect do.
    const never = (of: Comparison) => of.policies[0]?.groups.all.gainPerHour.value;
    const [half, twice] = report.sensitivity.filter(({ bent }) => bent === "support.");
    assert.equal(half && never(half.comparison), twice && never(twice.comparison));
    const [calm, stormy] = report.sensitivity.filter(({ bent }) => bent === "affect.");
    assert.notEqual(calm && never(calm.comparison), stormy && never(stormy.comparison));
  });

  test("table and page say of every figure that it is simulated, and leave nothing unescaped", () => {
    const table = renderPolicyTable(report);
    assert.match(
      table,
      /^SIMULATED: 24 learners of seeds 101, 102, up to 8 steps, messages of the test split\n/,
    );
    assert.match(table, /learned gains more per hour than never: /);
    assert.match(table, /Where the learned policy stops winning/);
    const page = renderPolicyPage(report);
    const titles = [...page.matchAll(/<h[123]>(.*?)<\/h[123]>/g)].map(([, title]) => title ?? "");
    assert.ok(titles.length > 8);
    for (const title of titles) assert.match(title, /[Ss]imulated/);
    assert.ok(page.includes("&lt;text&gt;") && !page.includes("<text> 1"));
    assert.equal((page.match(/<svg /g) ?? []).length, 6);
    assert.doesNotMatch(page, /NaN|undefined/);
  });

  test("a claim is met where the interval says so, a reversal is told where it does not", () => {
    const figure = (low: number, high: number) => ({ value: (low + high) / 2, low, high });
    assert.equal(judgeDifference(figure(0.1, 0.2)), "better");
    assert.equal(judgeDifference(figure(-0.2, -0.1)), "worse");
    assert.equal(judgeDifference(figure(-0.1, 0.1)), "open");
    const made = (low: number, high: number): Comparison => ({
      learners: 1,
      policies: [],
      differences: [
        { policy: "learned", against: "never", measure: "gainPerHour", difference: figure(low, high) },
        { policy: "learned", against: "rule", measure: "interruptionsPerHour", difference: figure(-2, -1) },
      ],
      shareOfOracle: figure(0.5, 0.6),
    });
    assert.deepEqual(
      judgeComparison(made(0.01, 0.03)).map(({ met }) => met),
      [true, true, false],
    );
    assert.deepEqual(
      judgeComparison(made(-0.01, 0.03)).map(({ met }) => met),
      [false, true, false],
    );
    const bent = (low: number, high: number) =>
      listReversals([{ bent: "affect.", factor: 2, comparison: made(low, high) }]);
    assert.deepEqual(bent(0.01, 0.03), []);
    assert.match(
      bent(-0.01, 0.03)[0] ?? "",
      /^assumptions affect\.\* × 2: learned is not shown to beat never/,
    );
    assert.match(bent(-0.03, -0.01)[0] ?? "", /loses to never/);
  });
});
