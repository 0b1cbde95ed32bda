/** @file The trajectory's measured error rates as tables for people: what docs/trajectory.md shows. */
import type { TransitionModel } from "../trajectory/transition-model.js";
import { measureTrajectory as measureStates, type Share, type TrajectoryFigures } from "./trajectory.js";
import {
  learnSimulatedTransitions,
  nextEmotionRules,
  scoreTransitions,
  simulateEmotions,
  type TransitionFigures,
} from "./transitions.js";

/** All that is measured of looking back. */
export interface LookingBackFigures {
  readonly trajectory: TrajectoryFigures;
  readonly transitions: TransitionFigures;
}

/** Learners a transition model is learned on and scored on, with their seeds. */
const cohorts = { learned: [2000, 1], scored: [1000, 2] } as const;

/** The transition model that ships. */
export function learnTransitions(): TransitionModel {
  return learnSimulatedTransitions(...cohorts.learned);
}

/** Measures states, slopes and the next emotion, all on simulated series and learners. */
export function measureTrajectory(): LookingBackFigures {
  return {
    trajectory: measureStates(),
    transitions: scoreTransitions(learnTransitions(), simulateEmotions(...cohorts.scored)),
  };
}

const percent = (share: number): string => `${(100 * share).toFixed(share < 0.1 ? 2 : 1)} %`;
const range = ({ share, low, high }: Share): string =>
  `${percent(share)} (${percent(low)} to ${percent(high)})`;

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
}

/** The figures as Markdown. */
export function writeTrajectoryFigures({ trajectory, transitions }: LookingBackFigures): string {
  const { falseAlarms, states, delays, alarmInSession, slopes, nullSeries, seed } = trajectory;
  const shown = ["improving", "declining", "recovering", "volatile", "stable"] as const;
  const figure = ({ value, low, high }: { value: number; low: number; high: number }): string =>
    `${value.toFixed(3)} (${low.toFixed(3)} to ${high.toFixed(3)})`;
  return `${[
    `All figures are of simulated series, seed ${seed}; 95 % intervals.`,
    `False alarms on ${nullSeries.toLocaleString("en-US")} flat series of 8 to 40 readings:`,
    table(
      ["state", "stated", "measured"],
      falseAlarms.map((one) => [one.state, percent(one.stated), range(one)]),
    ),
    `What was told of series of each true course (${states[0]?.series ?? 0} each):`,
    table(
      ["truth", "readings", ...shown],
      states.map(({ truth, length, shares }) => [
        truth,
        String(length),
        ...shown.map((state) => percent(shares[state])),
      ]),
    ),
    "Readings until a course that begins after 15 flat readings is told, looking after each:",
    table(
      ["truth", "median", "90th percentile", "found within 45"],
      delays.map(({ truth, median, p90, found }) => [truth, String(median), String(p90), percent(found)]),
    ),
    `Flat sessions of 30 readings with an alarm at any of their looks: ${range(alarmInSession)}.`,
    "Slopes and their 95 % intervals (error: median, of a reading in a hundred minutes):",
    table(
      ["truth", "estimator", "interval holds the truth", "error", "width"],
      slopes.map((one) => [
        one.truth,
        one.estimator,
        range(one.covered),
        one.error.toFixed(3),
        one.width.toFixed(3),
      ]),
    ),
    `Next emotion of ${transitions.learners} learners never learned from (${transitions.transitions.toLocaleString("en-US")} transitions):`,
    table(
      ["told by", "log loss", "top-1"],
      nextEmotionRules.map((rule) => [
        rule,
        figure(transitions.logLoss[rule]),
        figure(transitions.top1[rule]),
      ]),
    ),
    `Gain of the learned model over the better of the others: ${figure(transitions.gain)} nats.`,
  ].join("\n\n")}\n`;
}
