/** @file The numbers of intervening: what each level costs, gives and takes, and for whom. */
import type { SupportLabel } from "../emotion/support.js";
import { supportLabels } from "../emotion/support.js";
import type { Parameter, ParameterUnit } from "./parameter.js";
import { assumed, sourced } from "./parameter.js";

const reversal = "Tetzlaff et al. 2025";
const interruption = "Bailey & Konstan 2006";

function perLevel(
  name: string,
  values: Readonly<Record<SupportLabel, number>>,
  unit: ParameterUnit,
  note: string,
  source = "",
): Record<string, Parameter> {
  return Object.fromEntries(
    supportLabels.map((label) => [`${name}.${label}`, assumed(values[label], unit, note, source)]),
  );
}

/** Parameters of support. */
export const supportParameters: Readonly<Record<string, Parameter>> = {
  "support.effect.low": sourced(
    0.505,
    "effect size d",
    reversal,
    "Much assistance against little, low prior knowledge; applied at the low group's p(L0) and below.",
  ),
  "support.effect.high": sourced(
    -0.428,
    "effect size d",
    reversal,
    "The same, high prior knowledge; applied at the high group's p(L0) and above, linear between (Kalyuga 2007).",
  ),
  "support.effect.praise": sourced(0.14, "effect size d", "Hattie & Timperley 2007", "Praise: near nothing."),
  ...perLevel(
    "support.dose",
    { none: 0, preventive: 0, mild: 0.5, moderate: 1, significant: 1, critical: 1 },
    "factor",
    "Assistance in the level, 1 being what the effect sizes were found with.",
  ),
  ...perLevel(
    "support.praise",
    { none: 0, preventive: 1, mild: 1, moderate: 0, significant: 0, critical: 0 },
    "factor",
    "Praise or encouragement in the level.",
  ),
  ...perLevel(
    "support.seconds",
    { none: 0, preventive: 5, mild: 15, moderate: 60, significant: 180, critical: 900 },
    "seconds",
    "The learner's time that the level takes.",
  ),
  "support.carry": assumed(0.5, "share", "Of the assistance given before a step, what is left at the next."),
  "support.success": assumed(
    0.5,
    "log-odds",
    "Success on the task at hand per unit of assistance, nothing known.",
  ),
  ...perLevel(
    "support.relief",
    { none: 0, preventive: 0.05, mild: 0.15, moderate: 0.45, significant: 0.6, critical: 0.8 },
    "probability",
    "Confusion or frustration ended by the level where nothing is known: help helps those who need it.",
    "D'Mello et al. 2010",
  ),
  ...perLevel(
    "support.reliefBoredom",
    { none: 0, preventive: 0.03, mild: 0.15, moderate: 0.2, significant: 0.35, critical: 0.4 },
    "probability",
    "Boredom ended by the level: a change of approach, or a break.",
  ),
  ...perLevel(
    "support.breaksFlow",
    { none: 0, preventive: 0.02, mild: 0.08, moderate: 0.3, significant: 0.6, critical: 0.8 },
    "probability",
    "Engagement or delight turned to boredom by the level where all is known: what is explained is redundant.",
    "Kalyuga 2007",
  ),
  ...perLevel(
    "support.rest",
    { none: 0, preventive: 0, mild: 0, moderate: 0.05, significant: 0.5, critical: 0.9 },
    "share",
    "Tiredness taken away by the level.",
  ),
  ...perLevel(
    "support.annoyance",
    { none: 0, preventive: 0.04, mild: 0.06, moderate: 0.12, significant: 0.2, critical: 0.3 },
    "share",
    "Of the patience left, what the level uses up.",
  ),
  "support.annoyanceInFlow": sourced(
    1.31,
    "factor",
    interruption,
    "Annoyance when work is broken into, against a pause in it: least of 1.31 to 2.06.",
  ),
  "support.annoyanceHalfLife": assumed(4, "minutes", "Time in which annoyance halves."),
  "support.slowdown": sourced(
    0.03,
    "share",
    interruption,
    "Longer time on the task after an interruption, least.",
  ),
  "support.slowdownInFlow": sourced(0.27, "share", interruption, "The same where it broke into work, most."),
  "support.annoyedAffect": assumed(1, "factor", "How far full annoyance adds to the way into frustration."),
};
