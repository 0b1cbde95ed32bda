/** @file Which emotions follow which oftener than chance: marginal models with learners as clusters, self-transitions left out without bias. */
import { AppError } from "../base/errors.js";

/** What is known of going from one state to another. */
export interface TransitionTest {
  readonly from: number;
  readonly to: number;
  /** Times seen, and expected where the next state hangs on how common states are alone. */
  readonly observed: number;
  readonly expected: number;
  /** Odds of the transition over those expected; 1 is chance. 0 or ∞ where it was never, or always, taken. */
  readonly oddsRatio: number;
  /** Generalized score statistic, standard normal by chance; positive: oftener. */
  readonly z: number;
  /** Two-sided. */
  readonly pValue: number;
  /** Benjamini–Hochberg: the share of false findings when this and all smaller are called findings. */
  readonly qValue: number;
}

/** Tests of all pairs that could be tested. */
export interface TransitionStatistics {
  /** By from, then to. */
  readonly tests: readonly TransitionTest[];
  /** Pairs expected too seldom to be tested: said, not guessed. */
  readonly untested: readonly (readonly [from: number, to: number])[];
  /** Learners with a transition between different states. */
  readonly learners: number;
}

/** Fewest expected transitions for the normal distribution to hold. @source Cochran, "Some methods for strengthening the common χ² tests", 1954: 5. */
const leastExpected = 5;

/** Fewest learners: the sandwich learns its variance from them (assumption, checked by simulation). */
const leastLearners = 20;

/**
 * Tests each pair of different states. Repetitions are dropped first, so that how long a state lasts plays no part; then
 * the state itself cannot come next, and a comparison with plain base rates, as D'Mello's L makes it, is biased
 * upwards: with n equally common states its mean by chance is 1/(n − 1)² instead of 0. Chance is here what is left
 * when the next state hangs on base rates only, the present one being out (quasi-independence):
 *
 *     π_ij = b_j / Σ_{k ≠ i} b_k        with b such that every state is entered as often as it was
 *
 * The marginal model adds one log-odds β for the pair; β = 0 is tested by the generalized score of a learner c,
 *
 *     U_c = Σ_t (s_β − I_βθ I_θθ⁻¹ s_θ)        z = Σ U_c / √(Σ (U_c − Ū)² C / (C − 1))
 *
 * where s are scores of the transitions (i → j: s_β = [i = from]([j = to] − π), s_θk = [i ≠ k]([j = k] − π_ik)) and I
 * their information. Squares are summed over learners, so that transitions of one learner need not be independent.
 * @param sequences states of each learner, oldest first; whole numbers from 0 to `states` − 1
 * @throws DATA_INVALID where a state is none of them, or fewer than 20 learners changed state
 * @source Matayoshi & Karumbaiah, "Using marginal models to adjust for statistical bias in the analysis of state
 *   transitions", LAK 2021, and "Adjusting the L statistic when self-transitions are excluded in affect dynamics", JEDM
 *   2020; Karumbaiah, Baker & Ocumpaugh, "The case of self-transitions in affective dynamics", AIED 2019 (the bias of
 *   L); Goodman, "The analysis of cross-classified data: independence, quasi-independence, and interactions", JASA 63,
 *   1968; Boos, "On generalized score tests", The American Statistician 46, 1992; Benjamini & Hochberg, "Controlling
 *   the false discovery rate", JRSS B 57, 1995. That chance is quasi-independence, and the score instead of Wald's
 *   test (which fails where a transition was never seen), is our choice.
 */
export function testTransitions(
  sequences: readonly (readonly number[])[],
  states: number,
): TransitionStatistics {
  const learners = sequences.map((sequence) => countChanges(sequence, states)).filter(({ size }) => size > 0);
  if (learners.length < leastLearners) {
    throw new AppError(
      "DATA_INVALID",
      `test transitions: expected at least ${leastLearners} learners who changed state, got ${learners.length}; give more sequences`,
    );
  }
  const chance = fitChance(learners, states);
  const tests: Omit<TransitionTest, "qValue">[] = [];
  const untested: (readonly [number, number])[] = [];
  for (let from = 0; from < states; from++) {
    for (let to = 0; to < states; to++) {
      if (from === to) continue;
      const expected = (chance.leaving[from] as number) * probabilityOf(chance, from, to);
      const rest = (chance.leaving[from] as number) - expected;
      if (expected < leastExpected || rest < leastExpected) untested.push([from, to]);
      else tests.push(testPair(learners, chance, from, to, expected));
    }
  }
  return { tests: adjust(tests), untested, learners: learners.length };
}

/** Times of each change of one learner, by from · states + to. */
type Changes = ReadonlyMap<number, number>;

function countChanges(sequence: readonly number[], states: number): Changes {
  const changes = new Map<number, number>();
  sequence.forEach((state, i) => {
    if (!Number.isInteger(state) || state < 0 || state >= states) {
      throw new AppError(
        "DATA_INVALID",
        `test transitions: expected states from 0 to ${states - 1}, got ${state}; correct the sequence`,
      );
    }
    const before = sequence[i - 1];
    if (before === undefined || before === state) return;
    const cell = before * states + state;
    changes.set(cell, (changes.get(cell) ?? 0) + 1);
  });
  return changes;
}

interface Chance {
  readonly states: number;
  /** Times each state was left, `[states]`. */
  readonly leaving: Float64Array;
  /** Base weights b, `[states]`, sum 1. */
  readonly weights: Float64Array;
  /** Generalized inverse of the weights' information, `[states, states]`; 0 for states never entered. */
  readonly inverse: readonly Float64Array[];
}

const probabilityOf = ({ weights }: Chance, from: number, to: number): number =>
  from === to ? 0 : (weights[to] as number) / (1 - (weights[from] as number));

/** Fits b by iterative proportional fitting: b_j ← entered_j / Σ_{i ≠ j} left_i / (1 − b_i). */
function fitChance(learners: readonly Changes[], states: number): Chance {
  const leaving = new Float64Array(states);
  const entered = new Float64Array(states);
  for (const [cell, times] of learners.flatMap((changes) => [...changes])) {
    const from = Math.floor(cell / states);
    leaving[from] = (leaving[from] as number) + times;
    entered[cell % states] = (entered[cell % states] as number) + times;
  }
  const total = entered.reduce((sum, times) => sum + times, 0);
  let weights = entered.map((times) => times / total);
  for (let round = 0, moved = 1; round < 500 && moved > 1e-12; round++) {
    const next = weights.map((_, to) => {
      let open = 0;
      for (let from = 0; from < states; from++) {
        if (from !== to) open += (leaving[from] as number) / Math.max(1e-12, 1 - (weights[from] as number));
      }
      return open > 0 ? (entered[to] as number) / open : 0;
    });
    const sum = next.reduce((all, weight) => all + weight, 0);
    for (let state = 0; state < states; state++) next[state] = (next[state] as number) / sum;
    moved = next.reduce(
      (most, weight, state) => Math.max(most, Math.abs(weight - (weights[state] as number))),
      0,
    );
    weights = next;
  }
  const partial = { states, leaving, weights, inverse: [] };
  return { ...partial, inverse: invertInformation(partial) };
}

/** I_θθ = Σ_i n_i (diag π_i − π_i π_iᵀ). One state is the reference, since only ratios of b count. */
function invertInformation(chance: Chance): Float64Array[] {
  const { states, leaving, weights } = chance;
  const free = [...weights.keys()].filter((state) => (weights[state] as number) > 0).slice(1);
  const rows = free.map((a, row) => {
    const line = new Float64Array(2 * free.length);
    free.forEach((b, column) => {
      for (let i = 0; i < states; i++) {
        const [pa, pb] = [probabilityOf(chance, i, a), probabilityOf(chance, i, b)];
        line[column] = (line[column] as number) + (leaving[i] as number) * ((a === b ? pa : 0) - pa * pb);
      }
    });
    line[free.length + row] = 1;
    return line;
  });
  // Gauss–Jordan; the matrix is positive definite, so its diagonal serves as pivots. A ridge keeps two states that only lead to each other from dividing by 0.
  rows.forEach((pivot, k) => {
    const by = Math.max(1e-9, pivot[k] as number);
    for (let column = 0; column < pivot.length; column++) pivot[column] = (pivot[column] as number) / by;
    rows.forEach((row, i) => {
      const factor = row[k] as number;
      if (i === k || factor === 0) return;
      for (let column = 0; column < row.length; column++) {
        row[column] = (row[column] as number) - factor * (pivot[column] as number);
      }
    });
  });
  const inverse = Array.from({ length: states }, () => new Float64Array(states));
  free.forEach((a, row) => {
    free.forEach((b, column) => {
      (inverse[a] as Float64Array)[b] = rows[row]?.[free.length + column] as number;
    });
  });
  return inverse;
}

function testPair(
  learners: readonly Changes[],
  chance: Chance,
  from: number,
  to: number,
  expected: number,
): Omit<TransitionTest, "qValue"> {
  const { states, leaving, inverse } = chance;
  const pair = probabilityOf(chance, from, to);
  // I_βθ_k = n_from π_to ([k = to] − π_k); its product with I_θθ⁻¹ is what the weights explain of the pair.
  const across = Float64Array.from(
    { length: states },
    (_, k) => (leaving[from] as number) * pair * ((k === to ? 1 : 0) - probabilityOf(chance, from, k)),
  );
  const explained = inverse.map((row) =>
    row.reduce((sum, value, k) => sum + value * (across[k] as number), 0),
  );
  const means = Array.from({ length: states }, (_, i) =>
    explained.reduce((sum, value, k) => sum + value * probabilityOf(chance, i, k), 0),
  );
  let observed = 0;
  let scores = 0;
  let squares = 0;
  for (const changes of learners) {
    let score = 0;
    for (const [cell, times] of changes) {
      const i = Math.floor(cell / states);
      const j = cell % states;
      const direct = i === from ? (j === to ? 1 : 0) - pair : 0;
      score += times * (direct - (explained[j] as number) + (means[i] as number));
      if (i === from && j === to) observed += times;
    }
    scores += score;
    squares += score ** 2;
  }
  const count = learners.length;
  const variance = ((squares - scores ** 2 / count) * count) / (count - 1);
  const z = variance > 0 ? scores / Math.sqrt(variance) : 0;
  const left = leaving[from] as number;
  const odds = observed / (left - observed) / (pair / (1 - pair));
  return { from, to, observed, expected, oddsRatio: odds, z, pValue: 2 * upperTail(Math.abs(z)) };
}

/** P(Z > z) for z ≥ 0. @source Marsaglia, "Evaluating the normal distribution", 2004. */
function upperTail(z: number): number {
  if (z > 6) return 1e-9;
  let term = z;
  let sum = z;
  for (let k = 3; sum + term !== sum; k += 2) {
    term *= z ** 2 / k;
    sum += term;
  }
  return Math.max(1e-9, 0.5 - (sum * Math.exp(-(z ** 2) / 2)) / Math.sqrt(2 * Math.PI));
}

/** q_(k) = min over l ≥ k of p_(l) m / l. */
function adjust(tests: readonly Omit<TransitionTest, "qValue">[]): TransitionTest[] {
  const order = tests.map((_, i) => i).sort((a, b) => (tests[b]?.pValue ?? 0) - (tests[a]?.pValue ?? 0));
  const values = new Float64Array(tests.length);
  let least = 1;
  order.forEach((i, k) => {
    least = Math.min(least, ((tests[i]?.pValue ?? 1) * tests.length) / (tests.length - k));
    values[i] = least;
  });
  return tests.map((one, i) => ({ ...one, qValue: values[i] as number }));
}
