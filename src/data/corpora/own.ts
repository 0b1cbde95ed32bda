/** @file A user's own CSV or JSON Lines file, its columns named by a mapping. */
import { basename, dirname, extname } from "node:path";
import { z } from "zod";
import { AppError } from "../../base/errors.js";
import { goEmotionLabels } from "../../emotion/goemotions.js";
import { type EmotionId, emotionIds, emotionIndex } from "../../emotion/taxonomy.js";
import { CorpusReader, describeIssue, splitByText } from "../corpus-reader.js";
import type { Example, LoadedCorpus, Split } from "../example.js";

/** The column each field is read from; `text` must be there, and at least one label unless rows without are kept. */
const columnsSchema = z.strictObject({
  text: z.string(),
  id: z.string().optional(),
  split: z.string().optional(),
  slice: z.string().optional(),
  emotion: z.string().optional(),
  also: z.string().optional(),
  goemotions: z.string().optional(),
  pleasure: z.string().optional(),
  arousal: z.string().optional(),
  dominance: z.string().optional(),
  readiness: z.string().optional(),
  support: z.string().optional(),
});

/** Which column holds what, e.g. `{ text: "message", emotion: "label", support: "help" }`. */
export type OwnColumns = z.infer<typeof columnsSchema>;

/** How a user's own file is loaded. */
export interface OwnOptions {
  /** A `.csv`, `.jsonl` or `.ndjson` file. */
  readonly file: string;
  /** An `OwnColumns`, checked here because it comes from a configuration file. */
  readonly columns: unknown;
  /** Split of rows that name none; by default it follows from the text (8 : 1 : 1). */
  readonly split?: Split;
  /** Keeps rows without any label, for a teacher to answer; left out and counted by default. */
  readonly unlabelled?: boolean;
}

/** An empty cell is a label that is absent, not a label that is wrong. */
const filled = <T extends z.ZodType>(schema: T) =>
  z.preprocess((value) => (value === "" || value === null ? undefined : value), schema.optional());
const list = <T extends z.ZodType>(item: T) =>
  z.preprocess(
    (value) =>
      typeof value === "string"
        ? value
            .split(/[,;|]/)
            .map((part) => part.trim())
            .filter(Boolean)
        : value,
    z.array(item).optional(),
  );
const unit = filled(z.coerce.number().min(0).max(1));
const emotion = z.enum(emotionIds as readonly [EmotionId, ...EmotionId[]]);

const rowSchema = z
  .object({
    text: z.string(),
    id: filled(z.coerce.string()),
    split: filled(
      z
        .enum(["train", "validation", "val", "dev", "test"])
        .transform((name): Split => (name === "val" || name === "dev" ? "validation" : name)),
    ),
    slice: filled(z.coerce.string()),
    emotion: filled(emotion),
    also: list(emotion),
    goemotions: list(z.enum(goEmotionLabels)),
    pleasure: unit,
    arousal: unit,
    dominance: unit,
    readiness: unit,
    support: filled(z.coerce.number().int().min(0).max(5)),
  })
  .refine(
    ({ pleasure, arousal, dominance }) =>
      new Set([pleasure, arousal, dominance].map((value) => value === undefined)).size === 1,
    "expected pleasure, arousal and dominance together or none of them",
  )
  .refine((row) => row.emotion !== undefined || !row.also?.length, "expected an emotion where also has some");

/**
 * Loads a user's own file.
 * @throws CONFIG_INVALID where the mapping is wrong; DATA_NOT_FOUND; DATA_INVALID
 */
export async function loadOwn(options: OwnOptions): Promise<LoadedCorpus> {
  const columns = readColumns(options);
  const file = basename(options.file);
  const name = `own/${file}`;
  const reader = new CorpusReader(name, dirname(options.file), "check the path in the configuration");
  const rows = await readRows(reader, file, columns);
  for (const { line, fields } of rows) {
    const row = rowSchema.safeParse(
      Object.fromEntries(Object.entries(columns).map(([field, column]) => [field, fields[column]])),
    );
    if (!row.success) {
      reader.reject(file, line, describeIssue(row.error));
      continue;
    }
    const { text, id, split, slice, pleasure, arousal, dominance, also, readiness, support } = row.data;
    const labels: { -readonly [K in keyof Example]?: Example[K] } = {};
    if (row.data.emotion) {
      const others = (also ?? []).filter((other) => other !== row.data.emotion);
      labels.emotion = { primary: indexOf(row.data.emotion), also: others.map(indexOf) };
    }
    if (row.data.goemotions?.length) {
      labels.goemotions = row.data.goemotions
        .map((label) => goEmotionLabels.indexOf(label))
        .sort((a, b) => a - b);
    }
    if (pleasure !== undefined && arousal !== undefined && dominance !== undefined) {
      labels.pad = [pleasure, arousal, dominance];
    }
    if (readiness !== undefined) labels.readiness = readiness;
    if (support !== undefined) labels.support = support;
    if (Object.keys(labels).length === 0 && !options.unlabelled) {
      reader.countUnlabelled();
      continue;
    }
    const base = {
      id: `${name}:${id ?? line}`,
      text,
      split: split ?? options.split ?? splitByText(text),
      slice: slice ?? name,
    };
    reader.add({ ...base, ...labels }, file, line);
  }
  return reader.finish();
}

const indexOf = (id: EmotionId): number => emotionIndex(id) ?? -1;

const readColumns = ({ columns, unlabelled }: OwnOptions): Readonly<Record<string, string>> => {
  const parsed = columnsSchema.safeParse(columns);
  const known = Object.keys(columnsSchema.shape);
  if (!parsed.success) {
    throw new AppError(
      "CONFIG_INVALID",
      `columns: expected a mapping of ${known.join(", ")} to column names, got ${describeIssue(parsed.error)}; correct the mapping`,
    );
  }
  const labels = Object.keys(parsed.data).filter(
    (field) => !["text", "id", "split", "slice"].includes(field),
  );
  if (labels.length === 0 && !unlabelled) {
    throw new AppError(
      "CONFIG_INVALID",
      `columns: expected at least one label beside text, got none; map one of ${known.slice(4).join(", ")}`,
    );
  }
  return parsed.data as Readonly<Record<string, string>>;
};

interface Row {
  readonly line: number;
  readonly fields: Readonly<Record<string, unknown>>;
}

const readRows = async (
  reader: CorpusReader,
  file: string,
  columns: Readonly<Record<string, string>>,
): Promise<readonly Row[]> => {
  const kind = extname(file).toLowerCase();
  if (kind === ".csv") return reader.csv(file, Object.values(columns));
  if (kind === ".jsonl" || kind === ".ndjson") {
    const rows = await reader.jsonl(file, z.record(z.string(), z.unknown()));
    return rows.map(({ line, row }) => ({ line, fields: row }));
  }
  throw new AppError(
    "DATA_INVALID",
    `${file}: expected a .csv, .jsonl or .ndjson file, got ${kind || "no extension"}; convert or rename it`,
  );
};
