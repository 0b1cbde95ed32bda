/** @file The numbers of the affect process: how long states last, what moves learners from one to another, what states do. */
import type { Parameter, ParameterUnit } from "./parameter.js";
import { assumed } from "./parameter.js";
import type { AffectState } from "./step.js";
import { affectStates } from "./step.js";

const dynamics = "D'Mello & Graesser 2012";
const halfLife = "D'Mello & Graesser 2011";
const frustratedOrBored = "Baker et al. 2010";

/** How an answer went. */
export const outcomes = ["success", "failure"] as const;

/** One of the two. */
export type Outcome = (typeof outcomes)[number];

/** One row for each affect state. @param values in the order of `affectStates` */
export function perState(
  name: string,
  values: Readonly<Record<AffectState, number>>,
  unit: ParameterUnit,
  note: string,
  source = "",
): Record<string, Parameter> {
  return Object.fromEntries(
    affectStates.map((state) => [`${name}.${state}`, assumed(values[state], unit, note, source)]),
  );
}

/** Where a learner goes who leaves a state, by how the answer went; what is not listed has weight 0. */
const destinations: Readonly<Record<Outcome, Record<AffectState, Partial<Record<AffectState, number>>>>> = {
  success: {
    engagement: { delight: 0.4, boredom: 0.15, confusion: 0.45 },
    confusion: { engagement: 0.75, delight: 0.2, frustration: 0.05 },
    frustration: { engagement: 0.6, confusion: 0.2, delight: 0.1, boredom: 0.1 },
    boredom: { engagement: 0.7, frustration: 0.2, delight: 0.1 },
    delight: { engagement: 1 },
  },
  failure: {
    engagement: { confusion: 0.85, frustration: 0.1, boredom: 0.05 },
    confusion: { engagement: 0.45, frustration: 0.5, boredom: 0.05 },
    frustration: { confusion: 0.5, boredom: 0.3, engagement: 0.2 },
    boredom: { frustration: 0.55, engagement: 0.25, confusion: 0.2 },
    delight: { confusion: 0.5, engagement: 0.5 },
  },
};

function listDestinations(): Record<string, Parameter> {
  const rows: [string, Parameter][] = [];
  for (const outcome of outcomes) {
    for (const from of affectStates) {
      for (const to of affectStates) {
        const weight = destinations[outcome][from][to];
        if (weight === undefined) continue;
        const note = `Where learners go who leave ${from} after a ${outcome}: the main paths are the source's, the weights ours.`;
        rows.push([`affect.to.${outcome}.${from}.${to}`, assumed(weight, "weight", note, dynamics)]);
      }
    }
  }
  return Object.fromEntries(rows);
}

/** Parameters of affect. */
export const affectParameters: Readonly<Record<string, Parameter>> = {
  ...perState(
    "affect.halfLife",
    { engagement: 150, confusion: 100, frustration: 60, boredom: 150, delight: 15 },
    "seconds",
    "Time in which half have left the state when nothing happens. The source finds boredom, engagement and confusion persistent, frustration between, delight passing; the seconds are ours.",
    halfLife,
  ),
  ...perState(
    "affect.leaving.success",
    { engagement: 0.5, confusion: 2, frustration: 2, boredom: 1.2, delight: 1 },
    "factor",
    "Rate of leaving the state while answering rightly: equilibrium is restored.",
    dynamics,
  ),
  ...perState(
    "affect.leaving.failure",
    { engagement: 3, confusion: 1, frustration: 0.8, boredom: 1, delight: 2 },
    "factor",
    "Rate of leaving the state while answering wrongly: an impasse ends engagement.",
    dynamics,
  ),
  ...listDestinations(),
  "affect.ageing": assumed(
    1,
    "factor",
    "How the way from confusion to frustration, and from frustration to boredom, grows with each half-life spent there: what is not resolved gets worse.",
    dynamics,
  ),
  "affect.tooEasy": assumed(
    3,
    "factor",
    "How much likelier boredom follows engagement where success was near certain.",
    "Csikszentmihalyi 1990; Pekrun 2006",
  ),
  "affect.tooEasyFrom": assumed(
    0.85,
    "probability",
    "Probability of success from which work counts as too easy.",
  ),
  "affect.tooHard": assumed(
    2,
    "factor",
    "How much likelier frustration follows where success was improbable.",
    "Csikszentmihalyi 1990; Pekrun 2006",
  ),
  "affect.tooHardTo": assumed(
    0.35,
    "probability",
    "Probability of success to which work counts as too hard.",
  ),
  "affect.spreadTemper": assumed(
    0.3,
    "log standard deviation",
    "How learners differ in how fast negative states pass.",
  ),
  "affect.stuckHalfLives": assumed(
    2,
    "factor",
    "Half-lives in confusion or frustration after which a learner counts as stuck: three in four have left by then.",
  ),
  ...perState(
    "affect.start",
    { engagement: 0.8, confusion: 0.1, frustration: 0.03, boredom: 0.07, delight: 0 },
    "weight",
    "State a session begins in.",
  ),
  ...perState(
    "affect.success",
    { engagement: 0, confusion: -0.2, frustration: -0.4, boredom: -0.4, delight: 0.1 },
    "log-odds",
    "Success while in the state.",
    frustratedOrBored,
  ),
  ...perState(
    "affect.learning",
    { engagement: 1, confusion: 0.9, frustration: 0.6, boredom: 0.4, delight: 1 },
    "factor",
    "Learning while in the state: boredom goes with poorer learning, frustration less so.",
    frustratedOrBored,
  ),
  "affect.fatigueMinutes": assumed(60, "minutes", "Work after which a learner is tired to 1 − 1/e."),
  "affect.dropoutRate": assumed(0.002, "per minute", "Engaged, rested learners giving up, a minute of work."),
  ...perState(
    "affect.dropout",
    { engagement: 1, confusion: 1.5, frustration: 4, boredom: 5, delight: 0.5 },
    "factor",
    "Giving up in the state, against engagement.",
    frustratedOrBored,
  ),
  "affect.dropoutFatigue": assumed(2, "factor", "Giving up grows by this at full fatigue."),
  "affect.dropoutAnnoyance": assumed(3, "factor", "Giving up grows by this at full annoyance."),
  ...perState(
    "affect.engagement",
    { engagement: 0.9, confusion: 0.7, frustration: 0.45, boredom: 0.15, delight: 0.85 },
    "probability",
    "Attention given to the work in the state, when rested.",
  ),
  "affect.engagementFatigue": assumed(0.4, "share", "Attention lost by a wholly tired learner."),
  "affect.loadDemand": assumed(1, "factor", "Load per log-odds of failing the task."),
  ...perState(
    "affect.load",
    { engagement: 0, confusion: 0.8, frustration: 0.8, boredom: -0.5, delight: -0.2 },
    "log-odds",
    "Load that the state adds.",
    "Sweller 1988",
  ),
  "affect.loadFatigue": assumed(0.8, "log-odds", "Load added by full fatigue."),
  "affect.readiness.success": assumed(0.4, "weight", "Weight of success on the next task in readiness."),
  "affect.readiness.engagement": assumed(0.4, "weight", "Weight of engagement in readiness."),
  "affect.readiness.ease": assumed(0.2, "weight", "Weight of 1 − cognitive load in readiness."),
};
