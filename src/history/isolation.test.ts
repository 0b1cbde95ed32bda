/** Arbitrary interleavings of learners and tenants against a model that keeps everything in one plain list. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { Appended } from "./history.js";
import { MemoryHistory } from "./memory-history.js";
import type { LearnerKey, Moment } from "./moment.js";

/** Ids made to be taken for one another wherever a separator or a length is trusted. */
const tenants = ["", "a", "a:b", "1:a", "0:"];
const learners = ["b:c", "c", "a", ":", "1:a", "b"];

interface Limits {
  readonly maxPerLearner: number;
  readonly maxTotal: number;
  readonly maxAgeMs: number;
}

/** The contract, said as simply as can be. `active` is when something was last added to a learner. */
class NaiveHistory {
  kept: { owner: string; moment: Moment; order: number }[] = [];
  active = new Map<string, number>();
  order = 0;

  constructor(readonly limits: Limits) {}

  static ownerOf = ({ tenantId, learnerId }: LearnerKey): string => JSON.stringify([tenantId, learnerId]);

  of(key: LearnerKey, now: number): Moment[] {
    this.kept = this.kept.filter(({ moment }) => moment.at >= now - this.limits.maxAgeMs);
    return this.kept
      .filter(({ owner }) => owner === NaiveHistory.ownerOf(key))
      .sort((a, b) => a.moment.at - b.moment.at || a.order - b.order)
      .map(({ moment }) => moment);
  }

  append(key: LearnerKey, moment: Moment, now: number): Appended {
    const { maxAgeMs, maxPerLearner, maxTotal } = this.limits;
    if (moment.at < now - maxAgeMs) return "outdated";
    const owner = NaiveHistory.ownerOf(key);
    const own = this.of(key, now);
    this.order++;
    if (own.some((one) => JSON.stringify(one) === JSON.stringify(moment))) {
      this.active.set(owner, this.order);
      return "duplicate";
    }
    const [oldest] = own;
    if (own.length >= maxPerLearner && oldest !== undefined) {
      if (moment.at < oldest.at) return "outdated";
      this.kept = this.kept.filter((one) => one.moment !== oldest);
    }
    this.kept.push({ owner, moment, order: this.order });
    this.active.set(owner, this.order);
    while (this.kept.length > maxTotal) {
      const owners = [...new Set(this.kept.map((one) => one.owner))];
      const activity = (one: string): number => this.active.get(one) as number;
      const idle = owners.sort((a, b) => activity(a) - activity(b))[0];
      this.kept = this.kept.filter((one) => one.owner !== idle);
    }
    return "added";
  }

  erase(key: LearnerKey, now: number): number {
    const count = this.of(key, now).length;
    this.kept = this.kept.filter(({ owner }) => owner !== NaiveHistory.ownerOf(key));
    return count;
  }
}

const anyKey = fc.record({ tenantId: fc.constantFrom(...tenants), learnerId: fc.constantFrom(...learners) });

type Call =
  | { readonly call: "append"; readonly key: LearnerKey; readonly ago: number; readonly attempts: number }
  | { readonly call: "recent"; readonly key: LearnerKey; readonly limit: number }
  | { readonly call: "erase" | "export"; readonly key: LearnerKey }
  | { readonly call: "wait"; readonly ms: number };

const anyCall: fc.Arbitrary<Call> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      call: fc.constant("append" as const),
      key: anyKey,
      ago: fc.integer({ min: 0, max: 12 }),
      attempts: fc.integer({ min: 0, max: 2 }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ call: fc.constant("recent" as const), key: anyKey, limit: fc.nat(6) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ call: fc.constantFrom("erase" as const, "export" as const), key: anyKey }),
  },
  { weight: 2, arbitrary: fc.record({ call: fc.constant("wait" as const), ms: fc.nat(4) }) },
);

const everyone = tenants.flatMap((tenantId) => learners.map((learnerId) => ({ tenantId, learnerId })));

async function compare(calls: readonly Call[], limits: Limits): Promise<void> {
  let now = 100;
  const history = new MemoryHistory({ ...limits, now: () => now });
  const naive = new NaiveHistory(limits);
  for (const one of calls) {
    switch (one.call) {
      case "wait":
        now += one.ms;
        break;
      case "append": {
        // Whose it is stands in the moment itself, so that a stranger's would be seen as such.
        const context = { subject: NaiveHistory.ownerOf(one.key) };
        const moment = { at: now - one.ago, behavior: { attempts: one.attempts }, context };
        assert.equal(await history.append(one.key, moment), naive.append(one.key, moment, now));
        break;
      }
      case "recent": {
        const expected = naive.of(one.key, now);
        assert.deepEqual(
          await history.recent(one.key, one.limit),
          expected.slice(Math.max(0, expected.length - one.limit)),
        );
        break;
      }
      case "erase":
        assert.equal(await history.erase(one.key), naive.erase(one.key, now));
        assert.deepEqual(await history.export(one.key), []);
        break;
      case "export":
        assert.deepEqual(await history.export(one.key), naive.of(one.key, now));
        break;
    }
  }
  for (const key of everyone) {
    const moments = await history.export(key);
    assert.deepEqual(moments, naive.of(key, now));
    for (const { context } of moments) assert.equal(context?.subject, NaiveHistory.ownerOf(key));
  }
  history.expire();
  assert.equal(history.size.moments, naive.kept.length);
}

const infinite = Number.POSITIVE_INFINITY;

test("nobody ever sees another's moment; erase and export are complete", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(anyCall, { maxLength: 120 }), (calls) =>
      compare(calls, { maxPerLearner: 1000, maxTotal: 100_000, maxAgeMs: infinite }),
    ),
  );
});

test("the same holds while learners, moments and their age meet their limits", async () => {
  const maxPerLearner = fc.integer({ min: 1, max: 4 });
  // Not both: aged moments count towards the total until they leave memory, which the model does not know of.
  const limits = fc.oneof(
    fc.record({
      maxPerLearner,
      maxTotal: fc.integer({ min: 4, max: 9 }),
      maxAgeMs: fc.constant(infinite),
    }),
    fc.record({ maxPerLearner, maxTotal: fc.constant(1000), maxAgeMs: fc.integer({ min: 4, max: 20 }) }),
  );
  await fc.assert(fc.asyncProperty(fc.array(anyCall, { maxLength: 120 }), limits, compare), { numRuns: 300 });
});
