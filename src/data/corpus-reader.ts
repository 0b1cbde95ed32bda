/** @file Reads a corpus's files row by row, so that every loader reports bad rows, hashes its files and removes duplicates alike. */
import { isUtf8 } from "node:buffer";
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { parse } from "csv-parse/sync";
import type { z } from "zod";
import { AppError, toAppError } from "../base/errors.js";
import { validateText } from "../text/input.js";
import type { BadRow, Example, LoadedCorpus, Split } from "./example.js";

/** One row of a file: its fields by column, and the line it starts on. */
export interface CsvRow {
  readonly line: number;
  readonly fields: Readonly<Record<string, string>>;
}

interface RawRow {
  readonly record: Record<string, string>;
  readonly info: { readonly lines: number };
  readonly raw: string;
}

/** Reads the files of one corpus and gathers what is in them. */
export class CorpusReader {
  readonly #name: string;
  readonly #folder: string;
  readonly #remedy: string;
  readonly #hashes = new Map<string, string>();
  readonly #examples: Example[] = [];
  readonly #badRows: BadRow[] = [];
  #unlabelled = 0;

  /** @param remedy what to do where a file is not there, e.g. "run `attune fetch emobank`" */
  constructor(name: string, folder: string, remedy: string) {
    this.#name = name;
    this.#folder = folder;
    this.#remedy = remedy;
  }

  /**
   * The text of a file, decoded as UTF-8; its hash goes into the corpus's.
   * @throws DATA_NOT_FOUND, FILE_SYSTEM
   */
  async text(file: string): Promise<string> {
    const path = join(this.#folder, file);
    const bytes = await readFile(path).catch((error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT") throw this.notFound(file);
      throw toAppError(error, `${this.#name}: reading ${path}`, "FILE_SYSTEM");
    });
    this.#hashes.set(file, createHash("sha256").update(bytes).digest("hex"));
    // Where the bytes are UTF-8, a replacement character is the writer's own and the rows may keep it.
    const decoded = new TextDecoder().decode(bytes);
    return isUtf8(bytes) ? decoded : decoded.replaceAll("\ufffd", "\ud800");
  }

  /** The error for a file that is not there. */
  notFound(file: string): AppError {
    return new AppError(
      "DATA_NOT_FOUND",
      `${this.#name}: expected ${file} in ${this.#folder}, got no such file; ${this.#remedy}`,
    );
  }

  /** The lines of a file that are not blank, numbered from 1. */
  async lines(file: string): Promise<{ readonly line: number; readonly text: string }[]> {
    const lines = (await this.text(file)).split(/\r?\n/);
    return lines.flatMap((text, index) => (text.trim() === "" ? [] : [{ line: index + 1, text }]));
  }

  /**
   * The rows of a CSV file with a header; rows that cannot be parsed are reported.
   * @param required columns that must be there
   * @throws DATA_NOT_FOUND, DATA_INVALID where a required column is missing
   */
  async csv(file: string, required: readonly string[]): Promise<CsvRow[]> {
    const newlines = (raw: string): number => raw.trim().split("\n").length - 1;
    let columns: readonly string[] = [];
    const rows = parse(await this.text(file), {
      columns: (header: string[]) => {
        columns = header;
        return header;
      },
      info: true,
      raw: true,
      skip_empty_lines: true,
      skip_records_with_error: true,
      on_skip: (error, raw) => {
        const end = Number(error?.lines ?? 0);
        const start = end - newlines(raw ?? "");
        const span = end > start ? ` (lines ${start} to ${end})` : "";
        this.reject(file, start, `${error?.message ?? "not CSV"}${span}`);
      },
    }) as unknown as RawRow[];
    const missing = required.filter((column) => !columns.includes(column));
    if (missing.length > 0) {
      throw new AppError(
        "DATA_INVALID",
        `${join(this.#folder, file)}: expected the columns ${missing.join(", ")}, got ${columns.join(", ") || "none"}; name the columns in the header or change the mapping`,
      );
    }
    return rows.map(({ record, info, raw }) => ({ line: info.lines - newlines(raw), fields: record }));
  }

  /**
   * The rows of a JSON Lines file that fit a schema; the others are reported.
   * @throws DATA_NOT_FOUND
   */
  async jsonl<T>(file: string, schema: z.ZodType<T>): Promise<{ readonly line: number; readonly row: T }[]> {
    const rows: { line: number; row: T }[] = [];
    for (const { line, text } of await this.lines(file)) {
      const parsed = schema.safeParse(parseJson(text));
      if (parsed.success) rows.push({ line, row: parsed.data });
      else this.reject(file, line, describeIssue(parsed.error));
    }
    return rows;
  }

  /** Reports a row that could not be read. */
  reject(file: string, line: number, reason: string): void {
    this.#badRows.push({ file, line, reason: reason.replaceAll("\ud800", "\ufffd") });
  }

  /** Counts a row none of whose labels has a counterpart in Attune. */
  countUnlabelled(): void {
    this.#unlabelled++;
  }

  /** Takes in an example, or reports its row where the text is none. */
  add(example: Example, file: string, line: number): void {
    try {
      validateText(example.text, `${file}:${line}`);
      this.#examples.push(example);
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      const reason =
        error.code === "INPUT_ENCODING"
          ? "expected well-formed UTF-8, got other bytes"
          : error.message.replace(/^[^ ]+ /, "");
      this.reject(file, line, reason);
    }
  }

  /**
   * The corpus, without the train rows whose text stands in validation or test too.
   * @throws DATA_INVALID where no row could be used
   */
  finish(): LoadedCorpus {
    const first = this.#badRows[0];
    if (this.#examples.length === 0) {
      const why = first ? `${first.file}:${first.line}: ${first.reason}` : "the files are empty";
      throw new AppError(
        "DATA_INVALID",
        `${this.#name}: expected at least one usable row in ${this.#folder}, got none (${why}); ${this.#remedy}`,
      );
    }
    const held = new Set<string>();
    for (const { text, split } of this.#examples) if (split !== "train") held.add(textKey(text));
    const examples = this.#examples.filter(
      ({ text, split }) => split !== "train" || !held.has(textKey(text)),
    );
    const manifest = [...this.#hashes].sort(([a], [b]) => (a < b ? -1 : 1));
    return {
      name: this.#name,
      examples,
      badRows: this.#badRows,
      duplicatesRemoved: this.#examples.length - examples.length,
      unlabelled: this.#unlabelled,
      sha256: createHash("sha256")
        .update(manifest.map(([file, hash]) => `${hash}  ${file}\n`).join(""))
        .digest("hex"),
    };
  }
}

/** What two texts share that are the same but for case, width and spaces. */
export function textKey(text: string): string {
  return text.normalize("NFKC").toLowerCase().replace(/\s+/g, " ").trim();
}

/**
 * The split of a row whose corpus publishes none: by its text, so that it is the same on every machine and in every
 * order, and equal texts lie on one side. Eight tenths train, one validation, one test.
 */
export function splitByText(text: string): Split {
  const share = createHash("sha256").update(textKey(text)).digest().readUInt32BE(0) / 2 ** 32;
  return share < 0.8 ? "train" : share < 0.9 ? "validation" : "test";
}

/** The first thing wrong with a value, in a few words: `support: Too big: expected number to be <=5`. */
export function describeIssue(error: z.ZodError): string {
  const issue = error.issues[0];
  if (!issue) return "not as expected";
  return issue.path.length === 0 ? issue.message : `${issue.path.join(".")}: ${issue.message}`;
}

/** The value of a JSON line, or `undefined` where it is none: no schema of ours takes that. */
const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};
