/** @file What an encoder is made of, read from a Hugging Face `config.json`; anything this project would compute differently is refused. */
import { join } from "node:path";
import { z } from "zod";
import { AppError } from "../base/errors.js";
import { parseJson, readBytes } from "./file.js";

/** Sizes and constants of a BERT or MPNet encoder. */
export interface EncoderConfig {
  readonly type: "bert" | "mpnet";
  readonly vocabularySize: number;
  readonly hidden: number;
  readonly layers: number;
  readonly heads: number;
  /** Width of the feed-forward layer. */
  readonly intermediate: number;
  /** Rows of the position table; texts may have `maxPositions - positionOffset` tokens. */
  readonly maxPositions: number;
  /** Rows of the token-type table; 0 where there is none (MPNet). */
  readonly typeVocabularySize: number;
  readonly layerNormEpsilon: number;
  /** The exact GELU, with the error function. */
  readonly hiddenActivation: "gelu";
  /** Buckets of the relative position bias all layers share; MPNet only. */
  readonly relativeAttentionBuckets?: number;
  readonly padTokenId: number;
  /** Position of the first token: 0 for BERT, 2 for MPNet, which counts from after its padding id. */
  readonly positionOffset: number;
}

const count = z.number().int().positive();

/** Fields both families have, under their published names. */
const common = z.object({
  vocab_size: count,
  hidden_size: count,
  num_hidden_layers: count,
  num_attention_heads: count,
  intermediate_size: count,
  max_position_embeddings: count,
  layer_norm_eps: z.number().positive().max(0.1).default(1e-12),
  hidden_act: z.literal("gelu", { error: "only the exact gelu is supported" }).default("gelu"),
  is_decoder: z.literal(false, { error: "only encoders are supported" }).default(false),
});

const schema = z.discriminatedUnion("model_type", [
  common.extend({
    model_type: z.literal("bert"),
    type_vocab_size: count.default(2),
    pad_token_id: z.number().int().nonnegative().default(0),
    position_embedding_type: z
      .literal("absolute", { error: "only absolute positions are supported" })
      .default("absolute"),
  }),
  common.extend({
    model_type: z.literal("mpnet"),
    relative_attention_num_buckets: count.multipleOf(4).default(32), // two directions, each half exact, half logarithmic
    // The reference implementation counts positions from a padding id of 1, whatever the file says.
    pad_token_id: z.literal(1, { error: "MPNet's padding id is 1" }).default(1),
  }),
]);

/**
 * Checks a parsed `config.json`.
 * @param where the path, for messages
 * @throws CONFIG_INVALID naming every field that is missing or unsupported
 */
export function parseEncoderConfig(json: unknown, where: string): EncoderConfig {
  const parsed = schema.safeParse(json);
  if (!parsed.success) {
    throw new AppError(
      "CONFIG_INVALID",
      `${where}: expected a BERT or MPNet encoder (model_type "bert" or "mpnet", gelu, absolute positions), got ` +
        `${describeIssues(json, parsed.error)}; use such a base, e.g. all-MiniLM-L6-v2 or all-mpnet-base-v2`,
    );
  }
  const raw = parsed.data;
  const family =
    raw.model_type === "bert"
      ? { type: raw.model_type, typeVocabularySize: raw.type_vocab_size, positionOffset: 0 }
      : {
          type: raw.model_type,
          typeVocabularySize: 0,
          relativeAttentionBuckets: raw.relative_attention_num_buckets,
          positionOffset: raw.pad_token_id + 1,
        };
  const config: EncoderConfig = {
    ...family,
    vocabularySize: raw.vocab_size,
    hidden: raw.hidden_size,
    layers: raw.num_hidden_layers,
    heads: raw.num_attention_heads,
    intermediate: raw.intermediate_size,
    maxPositions: raw.max_position_embeddings,
    layerNormEpsilon: raw.layer_norm_eps,
    hiddenActivation: raw.hidden_act,
    padTokenId: raw.pad_token_id,
  };
  requireConsistent(config, where);
  return config;
}

/**
 * Reads `config.json` of a base encoder's folder.
 * @throws MODEL_NOT_FOUND, MODEL_FILE, CONFIG_INVALID
 */
export async function readEncoderConfig(folder: string): Promise<EncoderConfig> {
  const path = join(folder, "config.json");
  const remedy = "fetch the base encoder again or correct the path";
  return parseEncoderConfig(parseJson(await readBytes(path, remedy), path, remedy), path);
}

function requireConsistent(config: EncoderConfig, where: string): void {
  const { hidden, heads, padTokenId, vocabularySize, maxPositions, positionOffset } = config;
  const wrong =
    hidden % heads !== 0
      ? `hidden_size to be a multiple of num_attention_heads, got ${hidden} and ${heads}`
      : padTokenId >= vocabularySize
        ? `pad_token_id below vocab_size ${vocabularySize}, got ${padTokenId}`
        : maxPositions <= positionOffset
          ? `more than ${positionOffset} max_position_embeddings, got ${maxPositions}`
          : undefined;
  if (wrong) throw new AppError("CONFIG_INVALID", `${where}: expected ${wrong}; use the encoder's own file`);
}

function describeIssues(json: unknown, error: z.ZodError): string {
  const raw = typeof json === "object" && json !== null ? (json as Record<string, unknown>) : {};
  const issues = error.issues.map(({ path, message }) => {
    const field = path.join(".");
    return field ? `${field} ${JSON.stringify(raw[field]) ?? "missing"} (${message})` : message;
  });
  return issues.join(", ");
}
