/** @file CSV records out of lines, one at a time, so that one broken record costs only itself. */
import { parse } from "csv-parse/sync";
import { AppError } from "../base/errors.js";
import type { Line } from "./lines.js";
import type { Message } from "./message.js";

/** Longest record, in UTF-16 units: past this a quote that was never closed is taken for what it is. */
const maxRecordCharacters = 1 << 18;

const delimiters = [",", ";", "\t"] as const;

interface Header {
  readonly delimiter: string;
  /** Places of the text, the id and the time in a record; −1 where there is no id or time. */
  readonly text: number;
  readonly id: number;
  readonly at: number;
}

interface Part {
  readonly line: number;
  readonly text: string;
}

/**
 * Messages of a CSV with a header: the text from `column`, `id` from a column of that name if there is one.
 * The delimiter (`,` `;` or tab) is the header's. A record may span lines; it is numbered by its first.
 * @throws DATA_INVALID where the header cannot be read or lacks the column
 */
export async function* readCsv(lines: AsyncIterable<Line>, column: string): AsyncGenerator<Message> {
  let assembler: RecordAssembler | undefined;
  for await (const line of lines) {
    if ("error" in line) yield line;
    else if (assembler === undefined) assembler = new RecordAssembler(readHeader(line.text, column));
    else yield* assembler.add(line);
  }
  if (assembler !== undefined) yield* assembler.finish();
}

/** Puts lines together to records and records to messages. */
class RecordAssembler {
  readonly #header: Header;
  /** Lines of a record whose quote is still open, and their length. */
  #open: Part[] = [];
  #openCharacters = 0;

  constructor(header: Header) {
    this.#header = header;
  }

  /** Adds a line; gives back what became whole. */
  add(part: Part): Message[] {
    const quoted = endsInQuotes(part.text, this.#header.delimiter, this.#open.length > 0);
    this.#open.push(part);
    this.#openCharacters += part.text.length;
    if (quoted) return this.#openCharacters > maxRecordCharacters ? this.#giveUpOnFirst() : [];
    const spansLines = this.#open.length > 1;
    const record = this.#open.map(({ text }) => text).join("\n");
    const { line } = this.#open[0] as Part;
    // A stray quote within one line is let be; over several lines it means that records ran together.
    const cells = parseRecord(record, this.#header.delimiter, line, !spansLines);
    if (cells instanceof AppError && spansLines) return this.#giveUpOnFirst();
    this.#takeOpen();
    return [cells instanceof AppError ? { line, error: cells } : this.#toMessage(cells, line)];
  }

  /** What is left at the end: a record that was never closed, and the lines it had swallowed. */
  finish(): Message[] {
    const messages: Message[] = [];
    while (this.#open.length > 0) messages.push(...this.#giveUpOnFirst());
    return messages;
  }

  /** The first open line is the broken one; those after it are read afresh. */
  #giveUpOnFirst(): Message[] {
    const [first, ...rest] = this.#takeOpen() as [Part, ...Part[]];
    const message = `line ${first.line}: expected a closing quote at the end of the cell, found none; double the quotes inside a quoted cell`;
    const broken: Message = { line: first.line, error: new AppError("DATA_INVALID", message) };
    return [broken, ...rest.flatMap((part) => this.add(part))];
  }

  #takeOpen(): Part[] {
    const open = this.#open;
    this.#open = [];
    this.#openCharacters = 0;
    return open;
  }

  #toMessage(cells: readonly string[], line: number): Message {
    const { text, id, at } = this.#header;
    const named = {
      ...(id >= 0 && cells[id] !== undefined ? { id: cells[id] } : {}),
      ...(at >= 0 && cells[at] !== undefined ? { at: cells[at] } : {}),
    };
    if (cells[text] !== undefined) return { line, ...named, text: cells[text] };
    const message = `line ${line}: expected at least ${text + 1} cells, the text being the last of them, got ${cells.length}; fill or remove the record`;
    return { line, ...named, error: new AppError("DATA_INVALID", message) };
  }
}

function readHeader(text: string, column: string): Header {
  const count = (delimiter: string): number => text.split(delimiter).length;
  const delimiter = delimiters.reduce((best, next) => (count(next) > count(best) ? next : best));
  const names = parseRecord(text, delimiter, 1, true);
  if (names instanceof AppError) throw names;
  const trimmed = names.map((name) => name.trim());
  const at = trimmed.indexOf(column);
  if (at >= 0) return { text: at, id: trimmed.indexOf("id"), at: trimmed.indexOf("at"), delimiter };
  throw new AppError(
    "DATA_INVALID",
    `line 1: expected a header with a column ${column}, got ${trimmed.join(", ")}; name the column with --column`,
  );
}

function parseRecord(record: string, delimiter: string, line: number, lax: boolean): string[] | AppError {
  try {
    const rows: string[][] = parse(record, { delimiter, relax_quotes: lax, relax_column_count: true });
    return rows[0] ?? [""];
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    return new AppError("DATA_INVALID", `line ${line}: expected a CSV record; ${reason}`, { cause });
  }
}

/** Whether a quoted cell is still open at the line's end; a quote opens a cell only at its start, and a doubled one is a sign. */
function endsInQuotes(text: string, delimiter: string, quotedBefore: boolean): boolean {
  let quoted = quotedBefore;
  let atStart = true;
  for (let i = 0; i < text.length; i++) {
    const c = text[i];
    if (!quoted) {
      quoted = c === '"' && atStart;
      atStart = c === delimiter;
    } else if (c === '"') {
      if (text[i + 1] === '"') i++;
      else quoted = false;
      atStart = false;
    }
  }
  return quoted;
}
