/** @file What an intervention does to a learner, for good and ill, before they take the next step. */
import type { SupportLevel } from "../emotion/support.js";
import type { Affect } from "./affect.js";
import type { Draws } from "./draws.js";
import type { Model } from "./model.js";

/** A standardised mean difference d as log-odds: d · π / √3. @source Hasselblad & Hedges, Psychological Bulletin, 1995. */
export function effectLogOdds(d: number): number {
  return (d * Math.PI) / Math.sqrt(3);
}

/**
 * Effect of full assistance on learning, as d, by what is known of the skill: the effect for low prior knowledge up to
 * the low group's p(L0), the one for high from the high group's on, linear between.
 */
export function assistanceEffect({ support, knowledge }: Model, known: number): number {
  const { low, high } = knowledge.start;
  const share = Math.min(1, Math.max(0, (known - low) / (high - low)));
  return support.effectLow + share * (support.effectHigh - support.effectLow);
}

/** The state that an intervention meets and changes. */
export interface SupportState {
  readonly affect: Affect;
  /** Minutes of work that tire. */
  readonly tiringMinutes: number;
  /** [0, 1] */
  readonly annoyance: number;
  /** Assistance still in mind, in doses. */
  readonly assistance: number;
  /** Praise still in mind. */
  readonly praise: number;
}

/** What it leaves. */
export interface SupportEffect extends SupportState {
  /** The learner's time it took, s. */
  readonly seconds: number;
  /** Factor on the time of the next answer. */
  readonly slowdown: number;
}

/**
 * Gives a level: assistance and praise weaken with annoyance; trouble may end, the likelier the less is known; flow may
 * break, the likelier the more is known.
 * @param known p(L) of the skill at hand
 */
export function giveSupport(
  model: Model,
  level: SupportLevel,
  state: SupportState,
  known: number,
  draws: Draws,
): SupportEffect {
  const { support } = model;
  const assistance = state.assistance * support.carry;
  const praise = state.praise * support.carry;
  if (level === 0) {
    const { affect, tiringMinutes, annoyance } = state;
    return { affect, tiringMinutes, annoyance, assistance, praise, seconds: 0, slowdown: 1 };
  }
  const of = (levels: readonly number[]): number => levels[level] as number;
  const { state: was } = state.affect;
  const flowing = was === "engagement" || was === "delight";
  const patience = 1 - state.annoyance;
  const share = draws.at("relief");
  let affect = state.affect;
  if (flowing) {
    if (share < of(support.breaksFlow) * known) affect = { state: "boredom", seconds: 0 };
  } else {
    const relief = was === "boredom" ? of(support.reliefBoredom) : of(support.relief) * (1 - known);
    if (share < relief * patience) affect = { state: "engagement", seconds: 0 };
  }
  const used = Math.min(1, of(support.annoyance) * (flowing ? support.annoyanceInFlow : 1));
  return {
    affect,
    tiringMinutes: state.tiringMinutes * (1 - of(support.rest)),
    annoyance: 1 - patience * (1 - used),
    assistance: assistance + of(support.dose) * patience,
    praise: praise + of(support.praise) * patience,
    seconds: of(support.seconds),
    slowdown: 1 + (flowing ? support.slowdownInFlow : support.slowdown),
  };
}

/** Log-odds that support in mind adds to p(T). */
export function learningShift(model: Model, known: number, assistance: number, praise: number): number {
  return effectLogOdds(assistanceEffect(model, known) * assistance + model.support.effectPraise * praise);
}
