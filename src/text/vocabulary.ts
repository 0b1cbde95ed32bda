/** @file A small WordPiece vocabulary made from texts, for encoders that start from nothing: tests and trials. */

/**
 * A `tokenizer.json` (parsed) with BERT's normalising (but accents stay) and splitting and a vocabulary of the special
 * tokens, every character that occurs, alone and inside words, and the most frequent words up to `size` entries.
 */
export function buildVocabulary(texts: readonly string[], size: number): Record<string, unknown> {
  const words = new Map<string, number>();
  // Latin letters are always there: a text of other scripts may yet hold a word of them.
  const characters = new Set("abcdefghijklmnopqrstuvwxyz0123456789");
  for (const text of texts) {
    for (const word of text.toLowerCase().match(/[\p{L}\p{N}]+|[^\s\p{L}\p{N}]/gu) ?? []) {
      words.set(word, (words.get(word) ?? 0) + 1);
      for (const character of word) characters.add(character);
    }
  }
  const pieces = [...characters].sort().flatMap((character) => [character, `##${character}`]);
  const frequent = [...words].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1)).map(([word]) => word);
  const special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"];
  const entries = new Set([...special, ...pieces, ...frequent]);
  const kept = [...entries].slice(0, Math.max(size, special.length + pieces.length));
  const vocab = Object.fromEntries(kept.map((piece, id) => [piece, id]));
  const token = (content: string) => ({
    id: vocab[content],
    content,
    special: true,
    single_word: false,
    lstrip: false,
    rstrip: false,
    normalized: false,
  });
  const place = (id: string) => ({ SpecialToken: { id, type_id: 0 } });
  const known = (id: string) => ({ id, ids: [vocab[id]], tokens: [id] });
  return {
    version: "1.0",
    truncation: null,
    padding: null,
    added_tokens: special.map(token),
    normalizer: {
      type: "BertNormalizer",
      clean_text: true,
      handle_chinese_chars: true,
      strip_accents: false,
      lowercase: true,
    },
    pre_tokenizer: { type: "BertPreTokenizer" },
    post_processor: {
      type: "TemplateProcessing",
      single: [place("[CLS]"), { Sequence: { id: "A", type_id: 0 } }, place("[SEP]")],
      pair: [
        place("[CLS]"),
        { Sequence: { id: "A", type_id: 0 } },
        place("[SEP]"),
        { Sequence: { id: "B", type_id: 1 } },
        place("[SEP]"),
      ],
      special_tokens: { "[CLS]": known("[CLS]"), "[SEP]": known("[SEP]") },
    },
    decoder: { type: "WordPiece", prefix: "##", cleanup: true },
    model: {
      type: "WordPiece",
      unk_token: "[UNK]",
      continuing_subword_prefix: "##",
      max_input_chars_per_word: 100,
      vocab,
    },
  };
}
