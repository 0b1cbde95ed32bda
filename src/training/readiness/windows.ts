/** @file Sessions as rows to train on: every step with what was known by then, and what came of the next. */
import type { Random } from "../../base/random.js";
import type { PopulationStatistics } from "../../behavior/statistics.js";
import { type EncodedMoment, encodeMoments, FeatureBatch } from "../../readiness/features.js";
import type { RecordedSession } from "../../simulation/recording.js";
import type { ReadinessExperiment } from "./experiment.js";

/** What a window is trained for. */
export interface WindowTargets {
  /** Whether the next step succeeded, 0 or 1. */
  readonly success: number;
  /** True readiness, engagement and load, each in [0, 1]; not known of learners who are not simulated. */
  readonly latent?: {
    readonly readiness: number;
    readonly engagement: number;
    readonly cognitiveLoad: number;
  };
}

interface Row {
  readonly session: number;
  /** How many of the session's encoded moments were there by then. */
  readonly moments: number;
  readonly now: number;
  readonly targets: WindowTargets;
}

/** Rows of a cohort: one for each step that another follows. */
export class Windows {
  readonly #encoded: readonly (readonly EncodedMoment[])[];
  readonly #rows: readonly Row[];
  readonly #hidden: number;

  /** @param sessions of at most `statisticsMoments` steps, so that a prefix is encoded as the whole is */
  constructor(sessions: readonly RecordedSession[], population: PopulationStatistics, hidden: number) {
    this.#hidden = hidden;
    this.#encoded = sessions.map(({ steps }) => {
      const last = steps.at(-1)?.moment.at ?? 0;
      return encodeMoments(
        steps.map(({ moment }) => moment),
        last,
        population,
        "session",
      );
    });
    this.#rows = sessions.flatMap(({ steps }, session) => {
      const encoded = this.#encoded[session] as readonly EncodedMoment[];
      return steps.slice(0, -1).map(({ moment, latent }, i): Row => {
        const { readiness, engagement, cognitiveLoad } = latent;
        return {
          session,
          moments: encoded.filter(({ at }) => at <= moment.at).length,
          now: moment.at,
          targets: {
            success: steps[i + 1]?.correct === true ? 1 : 0,
            latent: { readiness, engagement, cognitiveLoad },
          },
        };
      });
    });
  }

  /** Number of rows. */
  get size(): number {
    return this.#rows.length;
  }

  /** What a row is trained for. */
  targetsOf(row: number): WindowTargets {
    return (this.#rows[row] as Row).targets;
  }

  /** Session of a row. */
  sessionOf(row: number): number {
    return (this.#rows[row] as Row).session;
  }

  /**
   * Lays rows out for the network.
   * @param hide takes from the moments what the network is to do without
   */
  lay(
    rows: ArrayLike<number>,
    hide: (moments: readonly EncodedMoment[]) => readonly EncodedMoment[],
  ): FeatureBatch {
    const batch = new FeatureBatch(rows.length, this.#hidden);
    for (let i = 0; i < rows.length; i++) {
      const { session, moments, now } = this.#rows[rows[i] as number] as Row;
      batch.write(i, hide((this.#encoded[session] as readonly EncodedMoment[]).slice(0, moments)), now);
    }
    return batch;
  }
}

/** Moments without messages, without behaviour, or without all but the last; those that then say nothing are left out. */
export function hideInputs(
  moments: readonly EncodedMoment[],
  hidden: { readonly text?: boolean; readonly behavior?: boolean; readonly history?: boolean },
): readonly EncodedMoment[] {
  const recent = hidden.history === true ? moments.slice(-1) : moments;
  if (hidden.text !== true && hidden.behavior !== true) return recent;
  return recent.flatMap((moment) => {
    const reading = hidden.text === true ? undefined : moment.reading;
    const behavior = hidden.behavior === true ? undefined : moment.behavior;
    return reading === undefined && behavior === undefined ? [] : [{ ...moment, reading, behavior }];
  });
}

/** Draws what a window is to do without: three draws a window, whatever comes of them. */
export function drawHidden(
  dropout: ReadinessExperiment["inputDropout"],
  random: Random,
): { readonly text: boolean; readonly behavior: boolean; readonly history: boolean } {
  return {
    text: random.float() < dropout.text,
    behavior: random.float() < dropout.behavior,
    history: random.float() < dropout.history,
  };
}
