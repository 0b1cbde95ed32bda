import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { buildLearnerEngine, makeUpReading } from "../../test/fixtures/made-up-reading.js";
import { AppError } from "../base/errors.js";
import { readinessState } from "../emotion/readiness.js";
import { MemoryHistory } from "../history/memory-history.js";
import type { Moment } from "../history/moment.js";
import { Decider, type DeciderOptions } from "../policy/decider.js";
import { listFeatures } from "../policy/features.js";
import { createConstant, createRandom } from "../policy/policies.js";
import type { LearnerEngine } from "./learner-engine.js";
import type { LearnerModels } from "./learner-models.js";
import { TenantPopulations } from "./populations.js";

type Assess = NonNullable<LearnerModels["readiness"]>["assess"];

/** A readiness model that tells what it was asked, and answers with what is usual on the platform. */
function watchReadiness() {
  const asked: (readonly Moment[])[] = [];
  const closed: string[] = [];
  const assess: Assess = async (moments, now, { population } = {}) => {
    asked.push(moments);
    assert.ok(moments.every(({ at }) => at <= now));
    const score = 1 / (1 + Math.abs(population?.values.summarize("responseTimeMs").median ?? 0));
    return {
      score,
      state: readinessState(score),
      expectedSuccess: 0.5,
      engagement: 0.1,
      cognitiveLoad: 0.5,
      attention: moments.slice(-8).map(({ at }) => ({ at, weight: 1 / Math.min(8, moments.length) })),
      stateVector: new Float32Array(3),
    };
  };
  return { asked, closed, readiness: { assess }, close: async () => void closed.push("closed") };
}

const mild = createConstant("always-mild", 2);

function build(options: Partial<DeciderOptions> = {}, parts: Parameters<typeof buildLearnerEngine>[0] = {}) {
  const watched = watchReadiness();
  const decider = new Decider({ policy: mild, ...options });
  const loadModels = async (): Promise<LearnerModels> => ({ readiness: watched.readiness, decider });
  return { ...watched, engine: buildLearnerEngine({ loadModels, ...parts }) };
}

const minute = 60_000;
const learnerId = "anna";
const say = (engine: LearnerEngine, text: string, at: number, more: object = {}) =>
  engine.analyze({ learnerId, text, at, ...more });

describe("readiness and interventions for a learner", () => {
  test("the answer holds both, the history what was decided with its probability", async () => {
    const { engine, asked } = build();
    const { learner } = await say(engine, "hello", 5);
    assert.deepEqual(Object.keys(learner.readiness ?? {}).sort(), [
      "attention",
      "cognitiveLoad",
      "engagement",
      "expectedSuccess",
      "score",
      "state",
    ]);
    assert.deepEqual(
      [learner.intervention?.level, learner.intervention?.label, learner.intervention?.decidedBy],
      [2, "mild", "policy"],
    );
    assert.ok(Object.isFrozen(learner.intervention?.probabilities));
    const [kept] = await engine.export({ learnerId });
    assert.deepEqual(kept?.intervention, { level: 2, decidedBy: "policy", propensity: 1 });
    await say(engine, "and now", 6);
    assert.deepEqual(asked[1]?.[0]?.intervention, kept?.intervention, "what was tried before is looked at");
    assert.equal(asked[1]?.[1]?.intervention, undefined, "what is being decided is not");
  });

  test("the state that was decided on is given where it is asked for, unknown numbers as null", async () => {
    const { engine } = build();
    assert.equal((await say(engine, "hello", 5)).learner.features, undefined);
    const { learner } = await engine.analyze({ learnerId, text: "again", at: 6 }, { features: true });
    const names = listFeatures(3);
    assert.equal(learner.features?.length, names.length);
    assert.equal(
      learner.features?.[names.indexOf("text.readiness")],
      Math.fround(makeUpReading("again").readiness),
    );
    assert.equal(learner.features?.[names.indexOf("recent.success")], null);
    const step = { learnerId, behavior: { correct: true }, at: 7 };
    const observed = await engine.observe(step, { features: true });
    assert.equal(observed.learner.features?.[names.indexOf("recent.success")], 1);
    assert.equal(
      observed.learner.features?.[names.indexOf("count.mild")],
      Math.fround(Math.log1p(1)),
      "the second was too soon",
    );
  });

  test("no more often than allowed, whatever comes twice, late or at once", async () => {
    // Half an hour at most: a longer pause would start another session, with three of its own.
    const call = fc.record({ text: fc.constantFrom("a", "b"), minute: fc.integer({ min: 0, max: 30 }) });
    await fc.assert(
      fc.asyncProperty(fc.array(call, { maxLength: 40 }), fc.boolean(), async (calls, together) => {
        const guards = { frequency: { perSession: 3, minMinutesBetween: 2 } };
        const { engine } = build({ guards });
        const asks = calls.map((one) => () => say(engine, one.text, one.minute * minute));
        if (together) await Promise.all(asks.map((ask) => ask()));
        else for (const ask of asks) await ask();
        const given = (await engine.export({ learnerId })).filter(
          ({ intervention }) => (intervention?.level ?? 0) > 0,
        );
        assert.ok(given.length <= 3);
        assert.ok(given.every(({ at }, i) => i === 0 || at - (given[i - 1] as Moment).at >= 2 * minute));
      }),
      { numRuns: 30 },
    );
  });

  test("a call sent twice is answered with what was decided the first time, though chance would choose otherwise", async () => {
    const draws = [0.99, 0.01, 0.5];
    const { engine } = build({
      policy: createRandom(),
      random: () => draws.shift() as number,
      guards: { frequency: { on: false } },
    });
    const first = (await say(engine, "hello", 5)).learner.intervention;
    const again = (await say(engine, "hello", 5)).learner.intervention;
    assert.equal(first?.level, 5);
    assert.deepEqual([again?.level, again?.label, again?.decidedBy], [5, first.label, "policy"]);
    assert.equal(again?.propensity, first.propensity);
    assert.match(again?.explanation ?? "", /first told/);
    assert.notEqual((await say(engine, "hello", 6)).learner.intervention?.level, 5);
  });

  test("a late moment is assessed by what was before it, and only a human is called for it", async () => {
    const { engine, asked } = build();
    await say(engine, "a", 5 * minute);
    const late = await say(engine, "b", 1 * minute);
    assert.equal(late.learner.intervention, undefined);
    assert.ok(late.learner.readiness !== undefined);
    assert.deepEqual(
      asked[1]?.map(({ at }) => at),
      [1 * minute],
    );
    const crisis = (await say(engine, "i want to kill myself", 2 * minute)).learner.intervention;
    assert.deepEqual([crisis?.level, crisis?.decidedBy, crisis?.escalate], [5, "guard:crisis", "human"]);
    const again = (await say(engine, "i want to kill myself", 2 * minute)).learner;
    assert.deepEqual([again.history.appended, again.intervention?.escalate], ["duplicate", "human"]);
    assert.deepEqual(
      (await engine.export({ learnerId })).map(({ intervention }) => intervention?.level),
      [undefined, 5, 2],
    );
  });

  test("of a moment that is too old to be kept nothing is decided, and nothing counted", async () => {
    const history = new MemoryHistory({ maxAgeMs: minute, now: () => 10 * minute });
    const populations = new TenantPopulations();
    const { engine } = build({}, { history, populations });
    const { learner } = await say(engine, "old", 1, { behavior: { attempts: 2 } });
    assert.equal(populations.save(""), undefined);
    assert.equal(learner.history.appended, "outdated");
    assert.equal(learner.intervention, undefined);
  });

  test("what is usual is learned of each tenant by itself, once for each moment that is kept", async () => {
    const populations = new TenantPopulations({ enoughSteps: 2 });
    let failing = false;
    class Failing extends MemoryHistory {
      override async append(...call: Parameters<MemoryHistory["append"]>) {
        if (failing) throw new Error("no");
        return super.append(...call);
      }
    }
    const { engine } = build({}, { populations, history: new Failing() });
    const step = (tenantId: string, at: number) =>
      engine.observe({ tenantId, learnerId, at, behavior: { responseTimeMs: 60_000 } });
    const scoreOf = async (tenantId: string, at: number) =>
      (await step(tenantId, at)).learner.readiness?.score;
    assert.equal(await scoreOf("a", 1), 1, "before anything was seen");
    assert.equal(await scoreOf("a", 1), 1, "a duplicate is not counted");
    failing = true;
    await assert.rejects(step("a", 2));
    failing = false;
    assert.equal(await scoreOf("a", 2), 1, "nor what was not kept");
    assert.notEqual(await scoreOf("a", 3), 1, "two steps are enough");
    assert.equal(await scoreOf("b", 4), 1, "of this tenant alone");
    assert.equal(populations.save("a")?.steps, 3);
    await engine.forget({ tenantId: "a", learnerId });
    assert.equal(populations.save("a")?.steps, 3, "what is usual is nobody's");
  });

  test("no tenant's answer depends on another's calls, though what is usual is learned", async () => {
    const call = fc.record({
      tenantId: fc.constantFrom("", "1", "1:"),
      learnerId: fc.constantFrom("1", "1:1", "a"),
      at: fc.integer({ min: 0, max: 9 }),
      seconds: fc.integer({ min: 0, max: 100 }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(call, { maxLength: 40 }), async (calls) => {
        const fresh = () => build({}, { populations: new TenantPopulations({ enoughSteps: 1 }) }).engine;
        const engine = fresh();
        const alone = new Map<string, LearnerEngine>();
        for (const { seconds, ...name } of calls) {
          const step = { ...name, behavior: { responseTimeMs: seconds * 1000 } };
          const own = alone.get(name.tenantId) ?? fresh();
          alone.set(name.tenantId, own);
          assert.deepEqual((await engine.observe(step)).learner, (await own.observe(step)).learner);
        }
      }),
      { numRuns: 30 },
    );
  });

  test("models are loaded once for all, again where that failed, and closed with the engine", async () => {
    const { readiness, close, closed } = watchReadiness();
    let loads = 0;
    const engine = buildLearnerEngine({
      loadModels: async () => {
        if (++loads === 1) throw new AppError("MODEL_NOT_FOUND", "no model");
        return { readiness, close };
      },
    });
    const other = { learnerId: "ben" };
    const failed = await Promise.allSettled([say(engine, "a", 1), say(engine, "b", 2, other)]);
    assert.deepEqual(
      failed.map((one) => one.status === "rejected" && one.reason.code),
      ["MODEL_NOT_FOUND", "MODEL_NOT_FOUND"],
    );
    assert.deepEqual(await engine.export({ learnerId }), [], "nothing was kept");
    assert.equal(loads, 1, "both waited for the same");
    const { learner } = await say(engine, "a", 1);
    await say(engine, "b", 2, other);
    assert.equal(loads, 2);
    assert.equal(learner.intervention, undefined, "nothing decides here");
    await engine.close();
    assert.deepEqual(closed, ["closed"]);
    await buildLearnerEngine().close();
  });
});
