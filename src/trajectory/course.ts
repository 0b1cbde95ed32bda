/** @file Which course a series takes, decided by permutation tests: how often chance alone would be taken for one is set, not guessed. */
import { Random } from "../base/random.js";

/** Courses that are claimed only on evidence. */
export const courses = ["improving", "declining", "recovering", "volatile"] as const;

/** A course that is claimed only on evidence. */
export type Course = (typeof courses)[number];

/** Evidence for a course. */
export interface CourseTest {
  readonly course: Course;
  /**
   * Share of orders of the same readings that show the course at least as clearly, (0, 1]: exact up to 7 readings, else
   * from 1,199 random orders, fewer where it soon was clear that nothing would be claimed.
   */
  readonly pValue: number;
}

/** What the tests say of a series. */
export interface CourseVerdict {
  /** The course with the smallest p-value, if that is at most `level`. */
  readonly course: Course | undefined;
  /** In the order of `courses`. */
  readonly tests: readonly CourseTest[];
  /** What a p-value has to reach: α / 4, so that all four together err at α. */
  readonly level: number;
}

/** Random orders looked at; with the observed one 1,200, so that α / 4 = .0125 is met exactly. */
const orders = 1199;

/** Up to here all orders are looked at: 7! = 5,040. */
const enumerateUpTo = 7;

/** Fewest readings of each arm of a recovery, the lowest point in both: with two, one odd reading would make an arm. */
const shortestArm = 3;

/** Fewest readings with which any course can be claimed at α: the smallest n with 1 / n! ≤ α / 4; 5 at α = .05. */
export function countNeeded(alpha: number): number {
  let count = 1;
  for (let all = 1; 1 / all > alpha / courses.length; all *= count) count++;
  return count;
}

/**
 * Tests four courses against one null hypothesis: the order of the readings says nothing (they are exchangeable).
 * Under it every order is equally likely whatever the readings are, so the error rates hold for any distribution, ties,
 * heavy tails, any gaps between the times and any dependence between the two measures, which are moved together.
 *
 * Scores aᵢ = rank of valence + rank of readiness, centred. With the unit-norm contrast of a stretch
 * c(l, r) = Σ_{l ≤ i ≤ r} (i − (l + r)/2) aᵢ / √(k(k² − 1)/12), k = r − l + 1:
 *
 *     improving   c(0, n−1)                              declining  −c(0, n−1)
 *     recovering  max over m of min(−c(0, m), c(m, n−1)) volatile   Σ |aᵢ₊₁ − aᵢ|
 *
 * Rise and fall are Spearman's test of trend; the recovery is a change-point test that asks for both arms; the last
 * is large where readings swing to and fro rather than wander: the rank form of von Neumann's ratio, of absolute
 * instead of squared differences, which in simulation finds swings of ten readings and more oftener (docs/trajectory.md).
 * Smallest p-value wins; on a tie the more specific course, in the order recovering, trend, volatile.
 * @param valence and readiness, in order of time, of the same length
 * @param alpha probability with which any course is claimed of a series whose order says nothing
 * @source Pitman, "Significance tests which may be applied to samples from any populations", 1937; Bartels, "The rank
 *   version of von Neumann's ratio test for randomness", JASA 77, 1982; Phipson & Smyth, "Permutation p-values should
 *   never be zero", 2010, for (count + 1) / (orders + 1).
 */
export function testCourse(
  valence: readonly number[],
  readiness: readonly number[],
  alpha: number,
): CourseVerdict {
  const scores = sumRanks(valence, readiness);
  const level = alpha / courses.length;
  const norms = Float64Array.from({ length: scores.length + 1 }, (_, k) => Math.sqrt((k * (k * k - 1)) / 12));
  const observed = measureCourses(scores, norms, new Float64Array(courses.length));
  const counts = [0, 0, 0, 0];
  // A constant series is no evidence for anything, and equal sums must not differ by rounding.
  const slack = 1e-9 * (1 + scores.reduce((sum, score) => sum + score * score, 0));
  const found = new Float64Array(courses.length);
  const count = (order: Float64Array): void => {
    measureCourses(order, norms, found);
    for (let k = 0; k < counts.length; k++) {
      if ((found[k] as number) >= (observed[k] as number) - slack) counts[k] = (counts[k] as number) + 1;
    }
  };
  let looked = 0;
  let added = 0;
  if (scores.length <= enumerateUpTo) {
    forEachOrder(scores, count);
    for (let n = 2, all = 1; n <= scores.length; n++) looked = all *= n;
    looked = Math.max(looked, 1);
  } else {
    added = 1;
    const shuffled = scores.slice();
    const random = Random.seeded(hashScores(scores), "course");
    // Once every count rules its claim out, further orders cannot bring one back.
    const enough = level * (orders + 1);
    while (looked < orders && counts.some((one) => one < enough)) {
      shuffle(shuffled, random);
      count(shuffled);
      looked++;
    }
  }
  const tests = courses.map((course, k) => ({
    course,
    pValue: ((counts[k] as number) + added) / (looked + added),
  }));
  return { course: chooseCourse(tests, level), tests, level };
}

const precedence: Readonly<Record<Course, number>> = {
  recovering: 0,
  improving: 1,
  declining: 1,
  volatile: 2,
};

function chooseCourse(tests: readonly CourseTest[], level: number): Course | undefined {
  const [best] = [...tests].sort(
    (a, b) => a.pValue - b.pValue || precedence[a.course] - precedence[b.course],
  );
  // Rounding in (count + 1) / 1,200 must not decide.
  return best !== undefined && best.pValue <= level + 1e-12 ? best.course : undefined;
}

/**
 * The four statistics of `courses`; larger speaks for the course.
 * @param norms √Σ (i − ī)² over k places, `[n + 1]`
 * @param into where they are put: this runs thousands of times a verdict
 */
function measureCourses(scores: Float64Array, norms: Float64Array, into: Float64Array): Float64Array {
  const n = scores.length;
  let total = 0;
  let moment = 0;
  let swings = 0;
  let before = scores[0] as number;
  for (let i = 0; i < n; i++) {
    const score = scores[i] as number;
    total += score;
    moment += i * score;
    swings += Math.abs(score - before);
    before = score;
  }
  let recovery = Number.NEGATIVE_INFINITY;
  let left = 0;
  let leftMoment = 0;
  for (let m = 0; m <= n - shortestArm; m++) {
    const score = scores[m] as number;
    const right = total - left;
    const rightMoment = moment - leftMoment;
    left += score;
    leftMoment += m * score;
    if (m + 1 < shortestArm) continue;
    const fell = ((left * m) / 2 - leftMoment) / (norms[m + 1] as number);
    const rose = (rightMoment - (right * (m + n - 1)) / 2) / (norms[n - m] as number);
    const weaker = Math.min(fell, rose);
    if (weaker > recovery) recovery = weaker;
  }
  const rise = n < 2 ? 0 : (moment - (total * (n - 1)) / 2) / (norms[n] as number);
  into[0] = rise;
  into[1] = -rise;
  into[2] = recovery;
  into[3] = swings;
  return into;
}

function sumRanks(valence: readonly number[], readiness: readonly number[]): Float64Array {
  const ranks = rank(valence);
  const others = rank(readiness);
  return ranks.map((value, i) => value + (others[i] as number) - (ranks.length + 1));
}

/** Ranks 1 to n; equal values share the mean of theirs. */
function rank(values: readonly number[]): Float64Array {
  const order = values.map((_, i) => i).sort((a, b) => (values[a] as number) - (values[b] as number));
  const ranks = new Float64Array(values.length);
  let start = 0;
  for (let end = 1; end <= order.length; end++) {
    if (end < order.length && values[order[end] as number] === values[order[start] as number]) continue;
    for (let i = start; i < end; i++) ranks[order[i] as number] = (start + end + 1) / 2;
    start = end;
  }
  return ranks;
}

/** Every order once (Heap's algorithm). */
function forEachOrder(scores: Float64Array, visit: (order: Float64Array) => void): void {
  const order = scores.slice();
  const walk = (size: number): void => {
    if (size <= 1) visit(order);
    for (let i = 0; size > 1 && i < size; i++) {
      walk(size - 1);
      swap(order, size % 2 === 0 ? i : 0, size - 1);
    }
  };
  walk(order.length);
}

function shuffle(items: Float64Array, random: Random): void {
  for (let i = items.length - 1; i > 0; i--) swap(items, i, random.below(i + 1));
}

function swap(items: Float64Array, a: number, b: number): void {
  const kept = items[a] as number;
  items[a] = items[b] as number;
  items[b] = kept;
}

/** The same series always meets the same orders; different series meet others, so that no one draw decides for all. */
function hashScores(scores: Float64Array): number {
  let hash = 0x811c9dc5;
  for (const score of scores) hash = Math.imul(hash ^ (2 * score), 0x01000193) >>> 0;
  return hash;
}
