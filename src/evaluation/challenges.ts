/** @file How a model stands up to challenge sets: the share of items it reads as expected, and those it does not. */
import { AppError } from "../base/errors.js";
import type { Analysis } from "../emotion/analysis.js";
import { type EmotionId, taxonomy } from "../emotion/taxonomy.js";
import { type BootstrapOptions, bootstrap, type Figure } from "../metrics/bootstrap.js";
import { share } from "../metrics/classification.js";
import type { ChallengeItem, ChallengeSet, Expectation } from "./challenge-set.js";
import type { ChallengeAnswer, ChallengeFailure, ChallengeFigures, ChallengeScore } from "./result.js";

/** Pleasure that counts as low, middle, high, ends excluded. They overlap: a mild message may be read either way. */
const pleasureRanges = { low: [-1, 0.45], middle: [0.35, 0.65], high: [0.55, 2] } as const;

/** Below this confidence an answer claims no certainty, whatever the model's own limits. An assumption: more likely wrong than right. */
const lowConfidence = 0.5;

/** What of an answer an expectation looks at. */
type Answer = Omit<ChallengeAnswer, "missed">;

/** What an answer falls short of, by the names of the expectation's fields; nothing where it is as expected. */
export function findMissed(
  { anyOf, noneOf, pleasure, uncertain, unless }: Expectation,
  answer: Answer,
): readonly (keyof Expectation)[] {
  const { emotion } = answer;
  const missed: (keyof Expectation)[] = [];
  if (anyOf && !anyOf.includes(emotion)) missed.push("anyOf");
  if (noneOf?.includes(emotion)) missed.push("noneOf");
  if (pleasure) {
    const [low, high] = pleasureRanges[pleasure];
    if (!(answer.pleasure > low && answer.pleasure < high)) missed.push("pleasure");
  }
  const certain = answer.uncertain === false && answer.confidence >= lowConfidence;
  if (uncertain && certain && !unless?.includes(emotion)) missed.push("uncertain");
  return missed;
}

function readAnswer({ primaryEmotion, confidence, pad, uncertain }: Analysis): Answer {
  return { emotion: primaryEmotion, confidence, pleasure: pad.pleasure, uncertain };
}

/** Analyses one item; `undefined` where the answer is as expected. An item that is refused falls short by its error. */
async function judgeItem(
  engine: ChallengedEngine,
  { id, text, expect: expected }: ChallengeItem,
): Promise<ChallengeFailure | undefined> {
  try {
    const answer = readAnswer(await engine.analyze(text));
    const missed = findMissed(expected, answer);
    return missed.length === 0 ? undefined : { id, text, expected, got: { ...answer, missed } };
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return { id, text, expected, got: { error: error.code } };
  }
}

/**
 * The class that, given as the answer to every item, meets most of them: with the pleasure of its prototype and always
 * called uncertain. What it reaches needs no reading at all.
 */
function findBestConstant(items: readonly ChallengeItem[]): { emotion: EmotionId; share: number } {
  const met = taxonomy.map(({ id, pad: [pleasure] }) => {
    const answer = { emotion: id, confidence: 1, pleasure, uncertain: "low_confidence" } as const;
    return items.filter((item) => findMissed(item.expect, answer).length === 0).length;
  });
  const most = Math.max(...met);
  return { emotion: (taxonomy[met.indexOf(most)] ?? taxonomy[0]).id, share: share(most, items.length) };
}

/** What a challenge needs of an engine. */
export interface ChallengedEngine {
  analyze(text: string): Promise<Analysis>;
}

/**
 * Runs challenge sets through an engine.
 * @param onProgress told of items answered, set by set
 * @throws DATA_INVALID where there are no items
 */
export async function measureChallenges(
  engine: ChallengedEngine,
  sets: readonly ChallengeSet[],
  options: BootstrapOptions,
  onProgress?: (done: number, total: number) => void,
): Promise<ChallengeFigures> {
  const all = sets.flatMap(({ items }) => items);
  const failures: (ChallengeFailure | undefined)[] = [];
  const measured: Record<string, ChallengeScore & { failures: readonly ChallengeFailure[] }> = {};
  for (const { name, items } of sets) {
    const judged = await Promise.all(items.map((item) => judgeItem(engine, item)));
    failures.push(...judged);
    onProgress?.(failures.length, all.length);
    measured[name] = {
      ...score(items, judged, options),
      failures: judged.filter((failure) => failure !== undefined),
    };
  }
  return { ...score(all, failures, options), sets: measured };
}

function score(
  items: readonly ChallengeItem[],
  failures: readonly (ChallengeFailure | undefined)[],
  options: BootstrapOptions,
): ChallengeScore {
  const measure = (indices: Int32Array): { asExpected: number } => ({
    asExpected: indices.reduce((sum, i) => sum + Number(failures[i] === undefined), 0) / indices.length,
  });
  const { asExpected }: { asExpected: Figure } = bootstrap(items.length, measure, options);
  const missed = failures.filter((failure) => failure !== undefined);
  return {
    rows: items.length,
    asExpected,
    missed: missed.length,
    missedInDoubt: missed.filter(({ got }) => "uncertain" in got && got.uncertain !== false).length,
    constant: findBestConstant(items),
  };
}

/** An expectation in words. */
export function describeExpectation({ anyOf, noneOf, pleasure, uncertain, unless }: Expectation): string {
  return [
    anyOf?.join(", "),
    noneOf && `not ${noneOf.join(", ")}`,
    pleasure && `pleasure ${pleasure}`,
    uncertain && "uncertain",
    unless && `unless ${unless.join(", ")}`,
  ]
    .filter(Boolean)
    .join("; ");
}

/** What became of an item, in words. */
export function describeAnswer(got: ChallengeFailure["got"]): string {
  if ("error" in got) return `error ${got.error}`;
  const doubt = got.uncertain === false ? "" : `, uncertain: ${got.uncertain}`;
  return `${got.emotion} ${got.confidence.toFixed(2)}, pleasure ${got.pleasure.toFixed(2)}${doubt}`;
}
