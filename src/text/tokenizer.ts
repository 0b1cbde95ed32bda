/** @file Text to the token ids a base encoder was trained on, and long texts to overlapping windows of them. */
import { Tokenizer as LibraryTokenizer } from "@huggingface/tokenizers";
import { AppError } from "../base/errors.js";
import { nameEmoji } from "./emoji.js";

/** One text as ids, cut to a length. */
export interface Encoded {
  /** `[tokens]`, the special tokens included; the closing ones are kept when the text is cut. */
  readonly ids: Int32Array;
  /** Tokens of the whole text before cutting, special tokens not counted. */
  readonly tokens: number;
  /** Whether some of them did not fit. */
  readonly truncated: boolean;
  /** How many of the `tokens` the vocabulary does not know. */
  readonly unknown: number;
}

/** One text as overlapping windows of ids. */
export interface Windows {
  /** At least one; each `[≤ maxTokens]` with the special tokens around. */
  readonly windows: readonly Int32Array[];
  /** Tokens of the whole text, special tokens not counted. */
  readonly tokens: number;
  /** How many of them the vocabulary does not know. */
  readonly unknown: number;
}

/** Han characters beyond the basic plane: the library sets spaces around the basic plane's only, the reference around all. */
const astralHan = /[\u{20000}-\u{2a6df}\u{2a700}-\u{2ceaf}\u{2f800}-\u{2fa1f}]/gu;

const invalid = (what: string, cause?: unknown): AppError =>
  new AppError(
    "TOKENIZER_INVALID",
    `tokenizer.json: ${what}; take the file from the same folder as the encoder's weights`,
    { cause },
  );

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Field of a `tokenizer.json` in which Attune keeps what it does before the library tokenizes. */
const ownField = "attune";

/**
 * The file of a tokenizer that reads emoji by their names, to be kept with a model that was trained so.
 * @throws TOKENIZER_INVALID when the file is no object
 */
export function withNamedEmoji(file: unknown): unknown {
  if (!isRecord(file)) throw invalid("expected an object");
  return { ...file, [ownField]: { emoji: "names" } };
}

/**
 * The tokenizer of a Hugging Face folder. The file's own truncation and padding are ignored: the caller states lengths.
 * @source the ids of Hugging Face's Rust `tokenizers`; equal but for characters newer than its Unicode 8 tables.
 */
export class Tokenizer {
  readonly #library: LibraryTokenizer;
  readonly #opening: readonly number[];
  readonly #closing: readonly number[];
  readonly #separatesHan: boolean;
  readonly #namesEmoji: boolean;
  /** Id that fills a batch's shorter rows. */
  readonly padId: number;
  /** Id of what the vocabulary does not know. */
  readonly unknownId: number;
  /** Ids are in `[0, vocabularySize)`. */
  readonly vocabularySize: number;

  private constructor(file: Record<string, unknown>, config: Record<string, unknown>) {
    const { model, normalizer, padding } = file;
    if (!isRecord(model) || model.type !== "WordPiece" || !isRecord(model.vocab)) {
      throw invalid(
        `expected a WordPiece model with a vocabulary, got ${isRecord(model) ? model.type : "none"}`,
      );
    }
    if (!Array.isArray(file.added_tokens)) throw invalid("expected a list of added_tokens, got none");
    this.#library = new LibraryTokenizer(file, config);
    this.#namesEmoji = isRecord(file[ownField]) && file[ownField].emoji === "names";
    this.#separatesHan = isRecord(normalizer) && normalizer.handle_chinese_chars === true;

    const idOf = (token: unknown, role: string): number => {
      const id = typeof token === "string" ? this.#library.token_to_id(token) : undefined;
      if (id === undefined) throw invalid(`expected a ${role} token in the vocabulary, got ${String(token)}`);
      return id;
    };
    this.unknownId = idOf(model.unk_token, "unknown");
    const padToken = (isRecord(padding) ? padding.pad_token : undefined) ?? config.pad_token;
    this.padId = idOf(
      padToken ?? ["[PAD]", "<pad>"].find((t) => this.#library.token_to_id(t) !== undefined),
      "pad",
    );
    let highest = -1;
    for (const id of this.#library.get_vocab().values()) if (id > highest) highest = id;
    this.vocabularySize = highest + 1;

    // What stands around any content, found by encoding one: no need to know the post-processor's kind.
    const content = this.#content("a");
    const whole = this.#library.encode("a").ids;
    const start = whole.indexOf(content[0] ?? -1);
    if (start < 0 || content[0] === this.unknownId)
      throw invalid("expected the letter `a` to be a token, got none");
    this.#opening = whole.slice(0, start);
    this.#closing = whole.slice(start + content.length);
  }

  /**
   * Reads a parsed `tokenizer.json` (WordPiece: BERT, MiniLM, MPNet) and, if there, `tokenizer_config.json`.
   * @throws TOKENIZER_INVALID
   */
  static fromJson(tokenizer: unknown, config: unknown = {}): Tokenizer {
    if (!isRecord(tokenizer))
      throw invalid(`expected an object, got ${tokenizer === null ? "null" : typeof tokenizer}`);
    if (!isRecord(config)) throw invalid("expected tokenizer_config.json to be an object");
    try {
      return new Tokenizer(tokenizer, config);
    } catch (error) {
      if (error instanceof AppError) throw error;
      throw invalid(error instanceof Error ? error.message : String(error), error);
    }
  }

  /** How many special tokens stand around every text. */
  get specialTokens(): number {
    return this.#opening.length + this.#closing.length;
  }

  /**
   * Encodes one text, cut to `maxTokens` ids with the closing special token kept.
   * @param maxTokens special tokens included
   * @throws USAGE where `maxTokens` leaves no room for a token
   */
  encode(text: string, maxTokens: number): Encoded {
    const room = this.#room(maxTokens);
    const content = this.#content(text);
    return {
      ids: this.#wrap(content.slice(0, room)),
      tokens: content.length,
      truncated: content.length > room,
      unknown: this.#countUnknown(content),
    };
  }

  /**
   * Encodes one text whole: its tokens cut into windows that share `overlap` tokens with the one before.
   * @param maxTokens of a window, special tokens included
   * @param overlap at least 0, less than a window's room for content
   * @throws USAGE
   */
  windows(text: string, maxTokens: number, overlap: number): Windows {
    const room = this.#room(maxTokens);
    if (!Number.isInteger(overlap) || overlap < 0 || overlap >= room) {
      throw new AppError(
        "USAGE",
        `tokenizer: expected an overlap of 0 to ${room - 1} tokens, got ${overlap}; make it smaller`,
      );
    }
    const content = this.#content(text);
    const windows = [this.#wrap(content.slice(0, room))];
    for (let start = room - overlap; start + overlap < content.length; start += room - overlap) {
      windows.push(this.#wrap(content.slice(start, start + room)));
    }
    return { windows, tokens: content.length, unknown: this.#countUnknown(content) };
  }

  #content(text: string): number[] {
    const named = this.#namesEmoji ? nameEmoji(text) : text;
    const spaced = this.#separatesHan ? named.replace(astralHan, " $& ") : named;
    return this.#library.encode(spaced, { add_special_tokens: false }).ids;
  }

  #room(maxTokens: number): number {
    const room = maxTokens - this.specialTokens;
    if (!Number.isInteger(maxTokens) || room < 1) {
      throw new AppError(
        "USAGE",
        `tokenizer: expected a length of at least ${this.specialTokens + 1} tokens, got ${maxTokens}; make it larger`,
      );
    }
    return room;
  }

  #wrap(content: readonly number[]): Int32Array {
    const ids = new Int32Array(this.specialTokens + content.length);
    ids.set(this.#opening);
    ids.set(content, this.#opening.length);
    ids.set(this.#closing, this.#opening.length + content.length);
    return ids;
  }

  #countUnknown(content: readonly number[]): number {
    let count = 0;
    for (const id of content) if (id === this.unknownId) count++;
    return count;
  }
}
