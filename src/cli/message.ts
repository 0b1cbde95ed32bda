/** @file One message of a file as the readers of its formats hand it on. */
import type { AppError } from "../base/errors.js";

/** A message with the line it begins on, or what is wrong with it. The text is not yet validated. */
export type Message = {
  readonly line: number;
  readonly id?: string | number;
  /** Its `at`, as written, where there is one. */
  readonly at?: unknown;
  /** The whole object of a line of JSON, for who reads more than the text of it. */
  readonly record?: Readonly<Record<string, unknown>>;
} & ({ readonly text: unknown } | { readonly error: AppError });
