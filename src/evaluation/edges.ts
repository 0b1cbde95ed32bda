/** @file Texts at the edge: each must be answered soundly or refused with the error that is documented for it. */
import { AppError } from "../base/errors.js";
import type { Analysis } from "../emotion/analysis.js";
import { emotionIds } from "../emotion/taxonomy.js";
import type { EdgeCase, EdgeFigures } from "./result.js";

const family = "\u{1F469}\u200D\u{1F469}\u200D\u{1F467}";

/** Name, text, and the documented outcome: an answer, or a named error. */
const edgeTexts: readonly (readonly [name: string, text: string, expected: string])[] = [
  ["empty", "", "INPUT_EMPTY"],
  ["only blanks", " \t\n\u00A0\u3000", "INPUT_EMPTY"],
  ["only invisible characters", "\u200B\u200D\uFEFF", "INPUT_EMPTY"],
  ["very long", "I am stuck. ".repeat(2_000), "INPUT_TOO_LONG"],
  ["half a surrogate pair", "so sad \uD83D", "INPUT_ENCODING"],
  ["one letter", "k", "answer"],
  ["one digit", "7", "answer"],
  ["only punctuation", "?!?!...", "answer"],
  ["only emoji", "😭😭😭", "answer"],
  ["joined emoji and flags", `${family}🏳️‍🌈🇰🇪`, "answer"],
  ["kaomoji", "(╯°□°)╯︵ ┻━┻", "answer"],
  ["accents, composed and not", "d\u00E9j\u00E0 vu de\u0301ja\u0300 vu", "answer"],
  ["stacked combining marks", `z${"\u0351".repeat(60)}algo`, "answer"],
  ["Chinese", "我完全听不懂这节课", "answer"],
  ["Arabic, right to left", "أنا سعيد جدا اليوم", "answer"],
  ["a control character", "I give\u0000 up\u0007", "answer"],
  ["a link", "https://example.org/a?b=c#d", "answer"],
  ["markup", "<script>alert('hi')</script> & <b>sad</b>", "answer"],
  ["code", "for (let i = 0; i < n; i++) { sum += a[i]; }", "answer"],
  ["tokenizer's own marks", "[CLS] [SEP] [PAD] [MASK] [UNK] <s> </s>", "answer"],
  ["one unbroken word", "a".repeat(5_000), "answer"],
  ["many lines", "line\r\n".repeat(500), "answer"],
  ["a thousand words", "I kept trying and it nearly worked ".repeat(143), "answer"],
  ["longest allowed", "so tired ".repeat(2_222), "answer"],
];

/** What is wrong with an answer, if anything: figures out of range, lists of the wrong length. */
function findFlaw(analysis: Analysis): string | undefined {
  const inUnit = (values: readonly number[]): boolean => values.every((value) => value >= 0 && value <= 1);
  const total = analysis.emotions.reduce((sum, { probability }) => sum + probability, 0);
  if (analysis.emotions.length !== emotionIds.length) return `${analysis.emotions.length} emotions`;
  if (Math.abs(total - 1) > 1e-6) return `probabilities sum to ${total}`;
  if (!inUnit([...Object.values(analysis.pad), analysis.readiness.score])) return "a score outside [0, 1]";
  if (!inUnit(analysis.support.probabilities)) return "a support probability outside [0, 1]";
  if (analysis.predictionSet.length === 0) return "an empty prediction set";
  return undefined;
}

/** Tries every edge text; errors without a code of ours are reported by their message, never thrown. */
export async function measureEdges(engine: {
  analyze(text: string): Promise<Analysis>;
}): Promise<EdgeFigures> {
  const cases: EdgeCase[] = [];
  for (const [name, text, expected] of edgeTexts) {
    let got: string;
    try {
      got = findFlaw(await engine.analyze(text)) ?? "answer";
    } catch (error) {
      got = error instanceof AppError ? error.code : `an unnamed error: ${String(error)}`;
    }
    cases.push({ name, expected, got });
  }
  return { tried: cases.length, failed: cases.filter((one) => one.got !== one.expected).length, cases };
}
