/** @file The numbers of knowing and learning: knowledge tracing, its items, and how learners differ. */
import { assumed, sourced } from "./parameter.js";

const regularity = "Koedinger et al. 2023";

/** Parameters of knowledge; see docs/simulator.md for the equations. */
export const knowledgeParameters = {
  "knowledge.skills": assumed(5, "count", "Skills a session practises."),
  "knowledge.itemsPerSkill": assumed(24, "count", "Items of a skill in the bank that a cohort shares."),
  "knowledge.blockItems": assumed(4, "count", "Items of one skill in a row before the next skill's turn."),
  "knowledge.attempts": assumed(3, "count", "Answers to an item after which the platform moves on."),
  "knowledge.slip": sourced(
    0.1,
    "probability",
    "Baker, Corbett & Aleven 2008",
    "p(S); the upper bound used there.",
  ),
  "knowledge.guess": assumed(
    0.2,
    "probability",
    "p(G); within the bound of 0.3.",
    "Baker, Corbett & Aleven 2008",
  ),
  "knowledge.accuracy.low": sourced(
    0.55,
    "probability",
    regularity,
    "First answers right, lower half; gives p(L0).",
  ),
  "knowledge.accuracy.middle": sourced(0.65, "probability", regularity, "First answers right, all learners."),
  "knowledge.accuracy.high": sourced(0.75, "probability", regularity, "First answers right, upper half."),
  "knowledge.accuracyGain": sourced(0.025, "share", regularity, "Accuracy won a practice; gives p(T)."),
  "knowledge.spreadLearner": assumed(
    0.5,
    "log-odds",
    "Standard deviation of p(L0) between learners of a group.",
  ),
  "knowledge.spreadSkill": assumed(1, "log-odds", "Standard deviation of p(L0) between a learner's skills."),
  "knowledge.spreadRate": assumed(
    0.2,
    "log-odds",
    "Standard deviation of p(T) between learners: small, as found there.",
    regularity,
  ),
  "knowledge.spreadItem": assumed(
    0.7,
    "log-odds",
    "Standard deviation of item difficulty, which moves guess and slip.",
    "Pardos & Heffernan 2011",
  ),
  "knowledge.retry": assumed(
    0.3,
    "log-odds",
    "Success on a further answer to the same item: a wrong one is ruled out.",
  ),
  "knowledge.fatigueSuccess": assumed(-0.6, "log-odds", "Success of a wholly tired learner."),
  "knowledge.fatigueLearning": assumed(0.5, "share", "Learning lost by a wholly tired learner."),
  "knowledge.resolvedConfusion": assumed(
    0.05,
    "share",
    "Of what is not known, gained when a learner resolves confusion without help.",
    "D'Mello, Lehman, Pekrun & Graesser 2014",
  ),
  "knowledge.learning.rapid": assumed(
    0.1,
    "factor",
    "Learning of a rapidly guessed step.",
    "Wise & Kong 2005",
  ),
  "knowledge.learning.bottomOut": assumed(
    0.3,
    "factor",
    "Learning of a step whose answer was read off the last hint: a worked example for some.",
    "Aleven et al. 2006",
  ),
} as const;
