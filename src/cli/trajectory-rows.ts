/** @file A session looked at message by message: the state at each point, and what is likely next. */
import { type EmotionId, emotionIds } from "../emotion/taxonomy.js";
import { primaryIndex } from "../trajectory/series.js";
import {
  describeTrajectory,
  type Trajectory,
  type TrajectoryOptions,
  type TrajectoryState,
} from "../trajectory/trajectory.js";
import type { TransitionPredictor } from "../trajectory/transition-model.js";
import type { Session, SessionEntry } from "./session.js";
import { humanize } from "./terminal.js";

/** A message with what could be said when it came. */
export interface TrajectoryRow {
  readonly entry: SessionEntry;
  /** Time since the first, for readers. */
  readonly time: string;
  readonly emotion: EmotionId;
  /** State with all messages up to this one. */
  readonly state: TrajectoryState;
  /** The three most probable next emotions; empty without a transition model. */
  readonly next: readonly { readonly emotion: EmotionId; readonly probability: number }[];
}

/** A session looked at. */
export interface LookedAt extends Session {
  readonly rows: readonly TrajectoryRow[];
  /** That of the last message. */
  readonly trajectory: Trajectory;
  /** What goes on, as sentences. */
  readonly ongoing: readonly string[];
}

/** Looks at a session after each of its messages. Each look costs a window at most, however long the session. */
export function lookAtSession(
  session: Session,
  options: TrajectoryOptions & { readonly window: number },
  predictor: TransitionPredictor | undefined,
): LookedAt {
  const { entries, clock } = session;
  const asked = { ...options, clock };
  const rows = entries.map((entry, i): TrajectoryRow => {
    const { state } = describeTrajectory(entries.slice(Math.max(0, i + 1 - options.window), i + 1), asked);
    return {
      entry,
      time: writeTime(entry.at - (entries[0] as SessionEntry).at, clock),
      emotion: emotionIds[primaryIndex(entry.reading)] as EmotionId,
      state,
      next: predictor === undefined ? [] : rankNext(predictor.predict(entry.reading.emotion)),
    };
  });
  const trajectory = describeTrajectory(entries, asked);
  return {
    ...session,
    rows,
    trajectory,
    ongoing: trajectory.ongoing.map(({ what, lasted, readings }) => {
      const length = clock === "index" ? "" : `, for ${writeTime(lasted, clock)}`;
      return `${humanize(what)}: ${readings === 1 ? "the last message" : `${readings} messages${length}`}`;
    }),
  };
}

function rankNext(probabilities: readonly number[]): TrajectoryRow["next"] {
  return probabilities
    .map((probability, i) => ({ emotion: emotionIds[i] as EmotionId, probability }))
    .sort((a, b) => b.probability - a.probability)
    .slice(0, 3);
}

/** `0:42`, `1:05:10`; without a clock the place, from 1. */
function writeTime(elapsed: number, clock: Session["clock"]): string {
  if (clock === "index") return String(elapsed + 1);
  const seconds = Math.round(elapsed / 1000);
  const two = (value: number): string => String(value).padStart(2, "0");
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  return hours > 0 ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`;
}
