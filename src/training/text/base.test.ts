import assert from "node:assert/strict";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { Random } from "../../base/random.js";
import { modelFolder } from "../../data/folders.js";
import { parseEncoderConfig } from "../../model/encoder-config.js";
import { listEncoderParameters } from "../../model/encoder-parameters.js";
import { initializeParameters } from "../../model/parameter.js";
import { saveWeights } from "../../model/weights.js";
import { buildVocabulary } from "../../text/vocabulary.js";
import { parseExperiment } from "../experiment.js";
import { loadBase } from "./base.js";

const root = mkdtempSync(join(tmpdir(), "attune-base-"));
after(() => rmSync(root, { recursive: true, force: true }));

const experiment = (changes: Record<string, unknown>) =>
  parseExperiment(
    {
      name: "x",
      base: { tiny: { layers: 3, hidden: 8, heads: 2, intermediate: 16 } },
      corpora: [{ name: "learner" }],
      epochs: 1,
      ...changes,
    },
    "test",
  );
const texts = () => ["what is this", "i am lost again"];
const tokenizerFile = buildVocabulary(texts(), 200);
const vocabularySize = Object.keys((tokenizerFile.model as { vocab: object }).vocab).length;
const configFile = {
  model_type: "bert",
  vocab_size: vocabularySize,
  hidden_size: 8,
  num_hidden_layers: 2,
  num_attention_heads: 2,
  intermediate_size: 16,
  max_position_embeddings: 32,
};

/** An encoder's folder as a person might have one. */
async function writeEncoder(name: string): Promise<{ folder: string; weights: Map<string, Float32Array> }> {
  const folder = join(root, name);
  mkdirSync(folder);
  const specs = listEncoderParameters(parseEncoderConfig(configFile, "test"));
  const weights = initializeParameters(specs, Random.seeded(8));
  writeFileSync(join(folder, "config.json"), JSON.stringify(configFile));
  writeFileSync(join(folder, "tokenizer.json"), JSON.stringify(tokenizerFile));
  await saveWeights(join(folder, "model.safetensors"), specs, weights);
  return { folder, weights };
}

describe("what a run starts from", () => {
  test("a tiny base is drawn from the seed and takes its vocabulary from the texts", async () => {
    const [first, same, other] = await Promise.all(
      [1, 1, 2].map((seed) => loadBase(experiment({ seed }), texts)),
    );
    assert.deepEqual(first?.initial, same?.initial);
    assert.notDeepEqual(first?.initial, other?.initial);
    assert.equal(first?.tokenizer.encode("lost again", 8).tokens, 2);
    assert.deepEqual(
      [...(first?.initial.keys() ?? [])],
      first?.parameters.map(({ name }) => name),
    );
    assert.ok(first?.initial.has("head.support.bias"));
  });

  test("freezing and layer decay reach the parts they name", async () => {
    const changes = { freeze: { embeddings: true, layers: 1 }, layerDecay: 0.5 };
    const { parameters } = await loadBase(experiment(changes), texts);
    const of = (name: string) => parameters.find((one) => one.name === name);
    assert.deepEqual(
      ["embeddings.word", "layer.0.query.weight", "layer.1.query.weight", "head.pad.weight"].map(
        (name) => of(name)?.frozen ?? false,
      ),
      [true, true, false, false],
    );
    assert.deepEqual(
      ["embeddings.word", "layer.0.query.weight", "layer.2.outer.bias"].map(
        (name) => of(name)?.learningRateScale,
      ),
      [0.125, 0.25, 1],
    );
  });

  test("an encoder is read from the folder of its path, heads drawn from the seed", async () => {
    const { folder, weights } = await writeEncoder("whole");
    const [base, other] = await Promise.all(
      [1, 2].map((seed) => loadBase(experiment({ base: folder, seed }), texts)),
    );
    for (const [name, data] of weights) assert.deepEqual(base?.initial.get(name), data, name);
    assert.equal(base?.config.layers, 2);
    assert.notDeepEqual(base?.initial.get("head.pad.weight"), other?.initial.get("head.pad.weight"));
  });

  test("what is missing or broken is named with the remedy", async (t) => {
    await assert.rejects(loadBase(experiment({ base: join(root, "none") }), texts), {
      code: "MODEL_NOT_FOUND",
      message: /expected an encoder in .*none, found no such folder; .*attune fetch minilm/,
    });
    const { folder } = await writeEncoder("broken");
    writeFileSync(join(folder, "tokenizer.json"), '{"version":');
    await assert.rejects(loadBase(experiment({ base: folder }), texts), {
      code: "TOKENIZER_INVALID",
      message: /expected JSON/,
    });
    rmSync(join(folder, "tokenizer.json"));
    await assert.rejects(loadBase(experiment({ base: folder }), texts), {
      code: "MODEL_NOT_FOUND",
      message: /tokenizer\.json/,
    });
    const before = process.env.ATTUNE_MODELS;
    process.env.ATTUNE_MODELS = root;
    t.after(() => {
      if (before === undefined) delete process.env.ATTUNE_MODELS;
      else process.env.ATTUNE_MODELS = before;
    });
    await assert.rejects(loadBase(experiment({ base: "mpnet" }), texts), {
      code: "MODEL_NOT_FOUND",
      message: /run `attune fetch mpnet`, or set ATTUNE_MODELS/,
    });
  });

  test("MiniLM is found by its short name", async (t) => {
    if (!existsSync(join(modelFolder("minilm"), "model.safetensors"))) {
      return t.skip("needs the encoder: attune fetch minilm, or ATTUNE_MODELS");
    }
    const { config, tokenizer, initial } = await loadBase(experiment({ base: "minilm" }), texts);
    assert.deepEqual([config.layers, config.hidden, tokenizer.vocabularySize], [6, 384, 30522]);
    assert.equal(initial.get("embeddings.word")?.length, 30522 * 384);
  });
});
