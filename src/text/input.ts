/** @file The one gate every text passes before it is tokenized: what is not a message never reaches a model. */
import { AppError } from "../base/errors.js";

/** Longest text that is read, in UTF-16 units. */
export const maxCharacters = 20_000;

/** A character that can be seen by itself: no separator, control, format, filler, private-use or bare combining character. */
const visible = /[^\s\p{Z}\p{Cc}\p{Cf}\p{Co}\p{Cs}\p{M}\p{Default_Ignorable_Code_Point}\u2800\ufffd]/u;

/** Half of a surrogate pair; with the `u` flag a whole pair does not match. */
const loneSurrogate = /\p{Surrogate}/u;

/**
 * Returns the text unchanged if it can be analysed.
 * @param where what was being done, for the message: `analyze`, `data.csv:12`
 * @throws INPUT_TYPE not a string
 * @throws INPUT_TOO_LONG over `maxCharacters`
 * @throws INPUT_ENCODING lone surrogates
 * @throws INPUT_EMPTY nothing in it can be seen
 */
export function validateText(value: unknown, where: string): string {
  if (typeof value !== "string") {
    const got = value === null ? "null" : Array.isArray(value) ? "an array" : typeof value;
    throw new AppError("INPUT_TYPE", `${where}: expected a string, got ${got}; pass the message as text`);
  }
  if (value.length > maxCharacters) {
    throw new AppError(
      "INPUT_TOO_LONG",
      `${where}: expected at most ${maxCharacters} characters, got ${value.length}; split the text and analyse the parts`,
    );
  }
  const lone = loneSurrogate.exec(value);
  if (lone) {
    throw new AppError(
      "INPUT_ENCODING",
      `${where}: expected well-formed Unicode, got half a surrogate pair at position ${lone.index}; decode the source as UTF-8 or cut it between characters`,
    );
  }
  if (!visible.test(value)) {
    throw new AppError(
      "INPUT_EMPTY",
      `${where}: expected text, got ${value === "" ? "an empty string" : "only blank or invisible characters"}; send at least one visible character`,
    );
  }
  return value;
}
