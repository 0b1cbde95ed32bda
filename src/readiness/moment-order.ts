/** @file Moments in the one order in which they are read, whatever order they came in, and only those that say something. */
import { AppError } from "../base/errors.js";
import { type Behavior, behaviorSignalNames } from "../behavior/signals.js";
import type { Moment } from "../history/moment.js";

/** Whether any signal of a step is known. */
export function hasSignal(behavior: Behavior | undefined): behavior is Behavior {
  return behavior !== undefined && behaviorSignalNames.some((name) => behavior[name] !== undefined);
}

/**
 * The last `limit` moments that hold a message or a signal, oldest first. Of one time, work comes before the message
 * that is written about it; what remains equal is ordered by content, so that the order of arrival never matters.
 * @param now ms since 1970
 * @param where what was being done, for the message: `readiness`
 * @throws INPUT_TYPE where `now` or a time is not finite, or a moment lies after `now`: nothing may be read of the future
 */
export function orderMoments(
  moments: readonly Moment[],
  now: number,
  limit: number,
  where: string,
): readonly Moment[] {
  if (!Number.isFinite(now)) {
    throw new AppError(
      "INPUT_TYPE",
      `${where}: expected now as ms since 1970, got ${now}; give a finite time`,
    );
  }
  let sorted = true;
  moments.forEach(({ at }, i) => {
    if (!(at <= now && at >= 0)) {
      throw new AppError(
        "INPUT_TYPE",
        `${where}: moments[${i}].at: expected a time from 0 to now (${now}), got ${at}; leave out later moments, or give a later now`,
      );
    }
    sorted &&= i === 0 || (moments[i - 1] as Moment).at < at;
  });
  const ordered = sorted ? moments : [...moments].sort(compareMoments);
  const kept: Moment[] = [];
  for (let i = ordered.length - 1; i >= 0 && kept.length < limit; i--) {
    const moment = ordered[i] as Moment;
    if (moment.reading !== undefined || hasSignal(moment.behavior)) kept.push(moment);
  }
  return kept.reverse();
}

function compareMoments(a: Moment, b: Moment): number {
  if (a.at !== b.at) return a.at - b.at;
  const [one, other] = [listContent(a), listContent(b)];
  const at = one.findIndex((value, i) => value !== (other[i] ?? -1));
  if (at >= 0) return (one[at] as number) - (other[at] ?? -1);
  const [place, elsewhere] = [printPlace(a), printPlace(b)];
  return place < elsewhere ? -1 : place > elsewhere ? 1 : 0;
}

function printPlace({ context }: Moment): string {
  return JSON.stringify([context?.subject, context?.activity, context?.itemId]);
}

/** Numbers that tell moments of one time apart; what is missing is below all there is. */
function listContent({ reading, behavior }: Moment): number[] {
  return [
    reading === undefined ? 0 : 1,
    reading?.readiness ?? -1,
    ...behaviorSignalNames.map((name) => Number(behavior?.[name] ?? Number.NEGATIVE_INFINITY)),
    ...(reading?.emotion ?? []),
  ];
}
