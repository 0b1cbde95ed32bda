/** @file The items a cohort shares: so many for each skill, each with its difficulty. */
import type { Random } from "../base/random.js";
import { logistic } from "./knowledge.js";
import type { Model } from "./model.js";

/** A task of the bank. */
export interface Item {
  readonly id: string;
  readonly skill: number;
  /** Log-odds taken from both guess and not slipping; 0 in the middle. */
  readonly difficulty: number;
  /** Difficulty as the platform states it, [0, 1]. */
  readonly shownDifficulty: number;
}

/** Items by skill. */
export type ItemBank = readonly (readonly Item[])[];

/** Draws the bank of a cohort: difficulties are normal, about 0 in every skill. */
export function drawItemBank({ knowledge }: Model, random: Random): ItemBank {
  return Array.from({ length: knowledge.skills }, (_, skill) => {
    const drawn = Array.from(
      { length: knowledge.itemsPerSkill },
      () => knowledge.spreadItem * random.normal(),
    );
    const mean = drawn.reduce((sum, one) => sum + one, 0) / drawn.length;
    return drawn.map((one, place) => {
      const difficulty = one - mean;
      return {
        id: `skill-${skill}-item-${place}`,
        skill,
        difficulty,
        shownDifficulty: logistic(difficulty),
      };
    });
  });
}

/** The item a learner meets after `done` others: blocks of one skill in turn. @param first where in the bank they begin */
export function itemAt(bank: ItemBank, blockItems: number, first: number, done: number): Item {
  const block = Math.floor(done / blockItems);
  const items = bank[block % bank.length] as readonly Item[];
  const round = Math.floor(block / bank.length);
  return items[(first + round * blockItems + (done % blockItems)) % items.length] as Item;
}
