/** @file Whole numbers given on the command line. */
import { AppError } from "../base/errors.js";

/** A whole number of 0 or more. @throws USAGE naming the flag */
export function parseCount(flag: string, text: string): number {
  if (!/^\d+$/.test(text))
    throw new AppError("USAGE", `${flag}: expected a whole number, got ${text}; correct it`);
  return Number(text);
}
