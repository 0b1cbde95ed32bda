import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { buildLearnerEngine } from "../../test/fixtures/made-up-reading.js";
import type { LearnerEngine } from "./learner-engine.js";

/** A call, and whose it is. */
interface Call {
  readonly learner: { readonly tenantId: string; readonly learnerId: string };
  readonly kind: "analyze" | "observe" | "forget" | "export";
  readonly text: string;
  readonly at: number;
  readonly attempts: number;
}

/** Ids that could be taken for each other where tenant and learner are joined carelessly. */
const id = fc.constantFrom("1", "11", "1:1", "a", "__proto__", "A");
const call: fc.Arbitrary<Call> = fc.record({
  learner: fc.record({ tenantId: fc.constantFrom("", "1", "1:", "a"), learnerId: id }),
  kind: fc.constantFrom("analyze", "analyze", "analyze", "observe", "observe", "forget", "export"),
  text: fc.constantFrom("stuck", "got it", "bored", "why", ""),
  // Few times, so that calls come late, at once and twice.
  at: fc.integer({ min: 0, max: 6 }).map((minute) => minute * 60_000),
  attempts: fc.integer({ min: 0, max: 2 }),
});

/** What came of a call, without the time it took. */
async function ask(engine: LearnerEngine, { learner, kind, text, at, attempts }: Call): Promise<unknown> {
  const behavior = { attempts, responseTimeMs: 1000 * attempts };
  try {
    if (kind === "forget") return await engine.forget(learner);
    if (kind === "export") return await engine.export(learner);
    if (kind === "observe") return (await engine.observe({ ...learner, behavior, at })).learner;
    const { analysisTimeMs: _, ...answer } = await engine.analyze({ ...learner, text, at, behavior });
    return answer;
  } catch (error) {
    return (error as { code: string }).code;
  }
}

const addressOf = ({ learner }: Call): string => JSON.stringify([learner.tenantId, learner.learnerId]);

describe("many learners on one engine", () => {
  test("nobody's answers depend on anybody else's calls, in whatever order and at whatever time they come", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(call, { maxLength: 60 }), fc.boolean(), async (calls, together) => {
        const engine = buildLearnerEngine();
        const answers: unknown[] = [];
        if (together) answers.push(...(await Promise.all(calls.map((one) => ask(engine, one)))));
        else for (const one of calls) answers.push(await ask(engine, one));

        const alone = new Map<string, LearnerEngine>();
        for (const [i, one] of calls.entries()) {
          const own = alone.get(addressOf(one)) ?? buildLearnerEngine();
          alone.set(addressOf(one), own);
          assert.deepEqual(await ask(own, one), answers[i], `call ${i}`);
        }
      }),
      { numRuns: 40 },
    );
  });
});
