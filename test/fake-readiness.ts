/** A readiness model with random weights, and moments to give it. */
import fc from "fast-check";
import { Random } from "../src/base/random.js";
import { type Behavior, behaviorSignals } from "../src/behavior/signals.js";
import { PopulationStatistics } from "../src/behavior/statistics.js";
import type { MessageReading, Moment } from "../src/history/moment.js";
import { initializeParameters } from "../src/model/parameter.js";
import { ReadinessModel } from "../src/readiness/model.js";
import { encodeReadiness, listReadinessParameters, type ReadinessConfig } from "../src/readiness/network.js";
import { Session } from "../src/runtime/session.js";

export const config: ReadinessConfig = { hidden: 6, embedding: 3, width: 8, heads: 2, state: 5 };

export const textModel = { name: "text", version: "1", sha256: "a".repeat(64) };

/** Weights that matter: every bias and every free number is drawn too. */
export function drawWeights(seed: number): Map<string, Float32Array> {
  const random = Random.seeded(seed);
  const arrays = initializeParameters(listReadinessParameters(config), random);
  for (const values of arrays.values())
    values.forEach((x, i) => {
      values[i] = x + 0.3 * random.normal();
    });
  return arrays;
}

export async function openModel(seed = 1): Promise<ReadinessModel> {
  const session = await Session.open(encodeReadiness(config, drawWeights(seed)), { threads: 1 });
  const calibration = { slope: 1.2, intercept: -0.1, rows: 1 };
  return ReadinessModel.assemble({
    manifest: { name: "fake", version: "1", textModel, network: config, calibration },
    population: new PopulationStatistics(),
    session,
  });
}

export function makeReading(seed: number, readiness: number, model = textModel): MessageReading {
  const random = Random.seeded(seed, "reading");
  const share = (size: number): number[] => {
    const values = Array.from({ length: size }, () => random.float());
    const sum = values.reduce((total, one) => total + one, 0);
    return values.map((one) => one / sum);
  };
  return {
    emotion: share(41),
    pad: [random.float(), random.float(), random.float()],
    readiness,
    support: share(6),
    embedding: Float32Array.from({ length: config.hidden }, () => random.normal()),
    model: { name: model.name, version: model.version },
  };
}

const reading = fc.record({ seed: fc.nat(), readiness: fc.double({ min: 0, max: 1, noNaN: true }) });

const kindValues = {
  milliseconds: fc.integer({ min: 0, max: 1e6 }),
  count: fc.nat(9),
  "signed-count": fc.integer({ min: -9, max: 9 }),
  flag: fc.boolean(),
  share: fc.double({ min: 0, max: 1, noNaN: true }),
};

const behavior = fc.record(
  Object.fromEntries(Object.entries(behaviorSignals).map(([name, kind]) => [name, kindValues[kind]])),
  { requiredKeys: [] },
) as fc.Arbitrary<Behavior>;

/** When all is asked, ms since 1970. */
export const now = 1_700_000_000_000;

/** Moments of the last hour, many of one time, some without message, signals or both. */
export const anyMoment: fc.Arbitrary<Moment> = fc
  .record({
    ago: fc.integer({ min: 0, max: 40 }),
    reading: fc.option(reading, { nil: undefined }),
    behavior: fc.option(behavior, { nil: undefined }),
    itemId: fc.constantFrom(undefined, "1", "2"),
  })
  .map(({ ago, reading: one, behavior: work, itemId }) => ({
    at: now - ago * 90_000,
    reading: one === undefined ? undefined : makeReading(one.seed, one.readiness),
    behavior: work,
    context: itemId === undefined ? undefined : { itemId },
  }));
