/** @file What is usual on each platform: learned from the work of all its learners, held apart from every other platform. */
import { z } from "zod";
import { AppError } from "../base/errors.js";
import { describeIssues } from "../base/schema-issues.js";
import { observeBehavior } from "../behavior/normalization.js";
import type { Behavior } from "../behavior/signals.js";
import { PopulationStatistics, type PopulationStatisticsState } from "../behavior/statistics.js";

/** How much is remembered of how many platforms. */
export interface TenantPopulationsOptions {
  /** Most tenants; the one of whom nothing was seen for longest is forgotten. 100 unless told. */
  readonly maxTenants?: number | undefined;
  /** Most items of a tenant; the one unseen for longest gives way. 2,000 unless told. */
  readonly maxItems?: number | undefined;
  /**
   * Steps of work after which a learner's signals are held against what is usual on their platform; until then against
   * what was usual in the training of the readiness model. 200 unless told, an assumption.
   */
  readonly enoughSteps?: number | undefined;
}

/** A tenant's statistics, plain JSON. */
export interface SavedPopulation {
  readonly version: 1;
  /** Steps seen. */
  readonly steps: number;
  readonly statistics: PopulationStatisticsState;
}

const savedSchema = z.strictObject({
  version: z.literal(1),
  steps: z.int().nonnegative(),
  statistics: z.unknown(),
});

interface Population {
  steps: number;
  readonly statistics: PopulationStatistics;
}

/**
 * Running statistics of behaviour for each tenant: counts of values, of nobody's identity. They are in memory; save
 * and restore them where a process should begin with what the one before it knew.
 * @example
 * const populations = new TenantPopulations();
 * const engine = await EmotionEngine.load({ populations });
 * await writeFile("population.json", JSON.stringify(populations.save("")));
 */
export class TenantPopulations {
  readonly #limits: { readonly maxTenants: number; readonly maxItems: number; readonly enoughSteps: number };
  /** In the order in which something was last seen of them. */
  readonly #populations = new Map<string, Population>();

  /** @throws USAGE where a limit is not a whole number of 1 or more */
  constructor({ maxTenants = 100, maxItems = 2000, enoughSteps = 200 }: TenantPopulationsOptions = {}) {
    this.#limits = { maxTenants, maxItems, enoughSteps };
    for (const [name, limit] of Object.entries(this.#limits)) {
      if (Number.isSafeInteger(limit) && limit >= 1) continue;
      throw new AppError(
        "USAGE",
        `populations: expected ${name} of 1 or more, got ${limit}; leave it out for the usual one`,
      );
    }
  }

  /** What is usual on a tenant's platform; nothing while too little was seen. */
  find(tenantId: string): PopulationStatistics | undefined {
    const population = this.#populations.get(tenantId);
    return population !== undefined && population.steps >= this.#limits.enoughSteps
      ? population.statistics
      : undefined;
  }

  /** Adds a step of work. @param behavior validated */
  observe(tenantId: string, behavior: Behavior, itemId: string | undefined): void {
    const population = this.#populations.get(tenantId) ?? {
      steps: 0,
      statistics: new PopulationStatistics(this.#limits.maxItems),
    };
    observeBehavior(behavior, { population: population.statistics, itemId });
    population.steps++;
    this.#put(tenantId, population);
  }

  /** What is known of a tenant's platform, to be kept; nothing where nothing is. */
  save(tenantId: string): SavedPopulation | undefined {
    const population = this.#populations.get(tenantId);
    return population && { version: 1, steps: population.steps, statistics: population.statistics.state };
  }

  /**
   * Goes on from what was saved.
   * @param where for the message: the file or row it was read from
   * @throws DATA_INVALID where it is no saved population
   */
  restore(tenantId: string, saved: unknown, where: string): void {
    const parsed = savedSchema.safeParse(saved);
    if (!parsed.success) {
      const issues = describeIssues(parsed.error, saved, savedSchema, "the population").join("; ");
      throw new AppError("DATA_INVALID", `${where}: ${issues}; save it again, or begin without it`);
    }
    const { steps, statistics } = parsed.data;
    this.#put(tenantId, {
      steps,
      statistics: PopulationStatistics.restore(statistics, where, this.#limits.maxItems),
    });
  }

  /** Forgets a tenant. @returns whether anything was known */
  forget(tenantId: string): boolean {
    return this.#populations.delete(tenantId);
  }

  #put(tenantId: string, population: Population): void {
    this.#populations.delete(tenantId);
    this.#populations.set(tenantId, population);
    for (const oldest of this.#populations.keys()) {
      if (this.#populations.size <= this.#limits.maxTenants) break;
      this.#populations.delete(oldest);
    }
  }
}
