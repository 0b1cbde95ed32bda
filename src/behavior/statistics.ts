/** @file What was usual so far: of everyone together and of each item in one place, of one learner in another. */
import { z } from "zod";
import { AppError } from "../base/errors.js";
import { describeIssues } from "../base/schema-issues.js";
import {
  emptySummary,
  QuantileSketch,
  type SketchState,
  type SketchSummary,
  sketchStateSchema,
} from "./quantile-sketch.js";
import { type BehaviorSignal, behaviorSignals } from "./signals.js";

/** Signals that have a usual value: all but the flags. */
export type MeasuredSignal = {
  [signal in BehaviorSignal]: (typeof behaviorSignals)[signal] extends "flag" ? never : signal;
}[BehaviorSignal];

/** Names of the measured signals in the order of all. */
export const measuredSignals = Object.entries(behaviorSignals)
  .filter(([, kind]) => kind !== "flag")
  .map(([signal]) => signal) as readonly MeasuredSignal[];

/** Sketches of some signals, plain JSON. */
export type SketchesState = { readonly [signal in MeasuredSignal]?: SketchState | undefined };

const sketchesSchema: z.ZodType<SketchesState> = z.strictObject(
  Object.fromEntries(measuredSignals.map((signal) => [signal, sketchStateSchema.optional()])),
);

/** One sketch for each signal of which anything was seen. */
export class SignalSketches {
  readonly #sketches = new Map<MeasuredSignal, QuantileSketch>();

  /** Sketches that go on from a checked state. */
  static restore(state: SketchesState): SignalSketches {
    const sketches = new SignalSketches();
    for (const signal of measuredSignals) {
      const saved = state[signal];
      if (saved !== undefined) sketches.#sketches.set(signal, QuantileSketch.restore(saved));
    }
    return sketches;
  }

  /** The state to save. */
  get state(): SketchesState {
    return Object.fromEntries(
      measuredSignals.flatMap((signal) => {
        const sketch = this.#sketches.get(signal);
        return sketch === undefined ? [] : [[signal, sketch.state]];
      }),
    );
  }

  /** Counts a finite value of a signal. */
  add(signal: MeasuredSignal, value: number): void {
    let sketch = this.#sketches.get(signal);
    if (sketch === undefined) {
      sketch = new QuantileSketch();
      this.#sketches.set(signal, sketch);
    }
    sketch.add(value);
  }

  /** What is known of a signal. */
  summarize(signal: MeasuredSignal): SketchSummary {
    return this.#sketches.get(signal)?.summarize() ?? emptySummary;
  }
}

const learnerSchema = z.strictObject({ version: z.literal(1), residuals: sketchesSchema });

/** State of one learner's statistics, plain JSON. */
export type LearnerStatisticsState = Readonly<z.infer<typeof learnerSchema>>;

/**
 * What is usual for one learner, beside what is usual for the items they worked on. It holds nobody's identity: whoever
 * keeps it with a learner's moments erases it with them, and can build it again from them.
 */
export class LearnerStatistics {
  /** Values less the usual one of their item. */
  readonly residuals: SignalSketches;

  constructor(residuals: SignalSketches = new SignalSketches()) {
    this.residuals = residuals;
  }

  /**
   * Statistics that go on from a saved state.
   * @param where for the message: the file or row it was read from
   * @throws DATA_INVALID naming by its path what is no state
   */
  static restore(state: unknown, where: string): LearnerStatistics {
    return new LearnerStatistics(SignalSketches.restore(check(learnerSchema, state, where).residuals));
  }

  /** The state to save. */
  get state(): LearnerStatisticsState {
    return { version: 1, residuals: this.residuals.state };
  }
}

const populationSchema = z.strictObject({
  version: z.literal(1),
  values: sketchesSchema,
  residuals: sketchesSchema,
  items: z.array(z.tuple([z.string(), sketchesSchema])),
});

/** State of a population's statistics, plain JSON; items from the one unseen for longest. */
export type PopulationStatisticsState = Readonly<z.infer<typeof populationSchema>>;

/**
 * What is usual for all learners together and for each item. It counts and knows nobody; of an item that one learner
 * alone has done, what is known is what they did. Items are told apart by their ids, so tenants with items of their own
 * need a population each.
 */
export class PopulationStatistics {
  /** All values. */
  readonly values: SignalSketches;
  /** Values less the usual one of their item. */
  readonly residuals: SignalSketches;
  readonly #maxItems: number;
  /** In the order in which something was last seen of them. */
  readonly #items: Map<string, SignalSketches>;

  /** @param maxItems most items remembered; the one unseen for longest gives way */
  constructor(maxItems = 10_000, saved?: PopulationStatisticsState) {
    if (!Number.isSafeInteger(maxItems) || maxItems < 1) {
      throw new AppError(
        "USAGE",
        `statistics: expected maxItems of 1 or more, got ${maxItems}; leave it out for 10000`,
      );
    }
    this.#maxItems = maxItems;
    this.values = SignalSketches.restore(saved?.values ?? {});
    this.residuals = SignalSketches.restore(saved?.residuals ?? {});
    const items = saved?.items.slice(-maxItems) ?? [];
    this.#items = new Map(items.map(([id, state]) => [id, SignalSketches.restore(state)]));
  }

  /**
   * Statistics that go on from a saved state.
   * @param where for the message: the file or row it was read from
   * @throws DATA_INVALID naming by its path what is no state
   */
  static restore(state: unknown, where: string, maxItems?: number): PopulationStatistics {
    return new PopulationStatistics(maxItems, check(populationSchema, state, where));
  }

  /** The state to save. */
  get state(): PopulationStatisticsState {
    return {
      version: 1,
      values: this.values.state,
      residuals: this.residuals.state,
      items: [...this.#items].map(([id, sketches]) => [id, sketches.state]),
    };
  }

  /** What is known of a signal on an item. */
  summarizeItem(itemId: string, signal: MeasuredSignal): SketchSummary {
    return this.#items.get(itemId)?.summarize(signal) ?? emptySummary;
  }

  /** An item's sketches, to be added to. */
  touchItem(itemId: string): SignalSketches {
    const sketches = this.#items.get(itemId) ?? new SignalSketches();
    this.#items.delete(itemId);
    this.#items.set(itemId, sketches);
    for (const oldest of this.#items.keys()) {
      if (this.#items.size <= this.#maxItems) break;
      this.#items.delete(oldest);
    }
    return sketches;
  }
}

function check<T>(schema: z.ZodType<T>, state: unknown, where: string): T {
  const parsed = schema.safeParse(state);
  if (parsed.success) return parsed.data;
  const issues = describeIssues(parsed.error, state, schema, "the state");
  throw new AppError(
    "DATA_INVALID",
    `${where}: ${issues.join("; ")}; build the statistics again from the moments`,
  );
}
