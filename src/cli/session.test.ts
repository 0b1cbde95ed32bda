import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { AppError } from "../base/errors.js";
import type { Analysis } from "../emotion/analysis.js";
import { emotionIds } from "../emotion/taxonomy.js";
import { momentToJson } from "../history/moment-json.js";
import type { BulkEngine } from "./bulk.js";
import { splitLines } from "./lines.js";
import { type InputFormat, readAs } from "./messages.js";
import { readSession } from "./session.js";
import { drawTrajectory } from "./trajectory-chart.js";
import { renderTrajectoryPage } from "./trajectory-page.js";
import { lookAtSession } from "./trajectory-rows.js";

/** Reads a text as its pleasure: "0.3 anything"; refuses "cursed". */
const engine: BulkEngine = {
  async analyzeSettled(texts) {
    return texts.map((text) => {
      if (text === "cursed") return { ok: false as const, error: new AppError("INPUT_ENCODING", "no") };
      const pleasure = Number.parseFloat(text);
      const emotions = [...emotionIds]
        .reverse()
        .map((emotion) => ({ emotion, probability: emotion === "joy" ? 0.6 : 0.01 }));
      const pad = { pleasure, arousal: 0.4, dominance: 0.5 };
      const analysis = { emotions, pad, readiness: { score: pleasure / 2 } } as unknown as Analysis;
      return { ok: true as const, analysis };
    });
  },
};

async function* bytes(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text);
}

const read = (text: string, format: InputFormat = "jsonl", load = async () => engine) =>
  readSession(readAs(splitLines(bytes(text)), format, "text"), load);

const moment = momentToJson({
  at: 9000,
  reading: {
    emotion: emotionIds.map((_, i) => (i === 4 ? 1 : 0)),
    pad: [0.9, 0.5, 0.5],
    readiness: 0.7,
    support: [1, 0, 0, 0, 0, 0],
    embedding: Float32Array.of(1, 2),
    model: { name: "m", version: "1" },
  },
});

describe("a session out of a file", () => {
  test("is put in order of time, however times are written, with the engine's reading of each text", async () => {
    const { entries, errors, clock } = await read(
      '{"at":60000,"text":"0.5 b","id":"x"}\n{"at":"1970-01-01T00:00:30Z","text":"0.2 a"}\n{"at":"1970-01-01T01:02:00+01:00","text":"0.8 c"}',
    );
    assert.equal(clock, "time");
    assert.deepEqual(errors, []);
    assert.deepEqual(
      entries.map(({ line, at, reading }) => [line, at, reading.pad[0], reading.readiness]),
      [
        [2, 30_000, 0.2, 0.1],
        [1, 60_000, 0.5, 0.25],
        [3, 120_000, 0.8, 0.4],
      ],
    );
    assert.equal(entries[1]?.id, "x");
    assert.deepEqual(
      entries[0]?.reading.emotion,
      emotionIds.map((id) => (id === "joy" ? 0.6 : 0.01)),
    );
  });

  test("without times goes by its order; a CSV may have them in a column", async () => {
    const plain = await read("0.1\n0.2\n0.3", "txt");
    assert.equal(plain.clock, "index");
    assert.deepEqual(
      plain.entries.map(({ at }) => at),
      [0, 1, 2],
    );
    const csv = await read("at,text\n2000,0.4\n1000,0.3\n", "csv");
    assert.deepEqual([csv.clock, csv.entries.map(({ line }) => line)], ["time", [3, 2]]);
  });

  test("stored moments need no engine, and those without a reading say nothing", async () => {
    const lines = [moment, { at: 9500, behavior: { correct: true } }].map((one) => JSON.stringify(one));
    const { entries, errors } = await read(lines.join("\n"), "jsonl", () => assert.fail("not loaded"));
    assert.deepEqual(errors, []);
    assert.deepEqual(
      entries.map(({ at, reading }) => [at, reading.pad[0]]),
      [[9000, 0.9]],
    );
  });

  test("each bad line is an error in its place, and the others are read", async () => {
    const lines = [
      '{"at":1,"text":"0.1"}',
      '{"text":"0.1"}',
      '{"at":"yesterday","text":"0.1"}',
      '{"at":-5,"text":"0.1"}',
      '{"at":"2026-03-02T09:00:00","text":"0.1"}',
      "{oops",
      '{"at":2,"text":"cursed"}',
      '{"at":3,"text":" "}',
      JSON.stringify({ ...moment, reading: { ...moment.reading, readiness: 2 } }),
      '{"at":4,"text":"0.4"}',
    ];
    const { entries, errors } = await read(lines.join("\n"));
    assert.deepEqual(
      entries.map(({ line }) => line),
      [1, 10],
    );
    assert.deepEqual(
      errors.map(({ line, error }) => [line, error.code]),
      [
        [2, "INPUT_TYPE"],
        [3, "INPUT_TYPE"],
        [4, "INPUT_TYPE"],
        [5, "INPUT_TYPE"],
        [6, "DATA_INVALID"],
        [7, "INPUT_ENCODING"],
        [8, "INPUT_EMPTY"],
        [9, "DATA_INVALID"],
      ],
    );
  });
});

describe("a session looked at", () => {
  const text = [0.6, 0.4, 0.2, 0.1, 0.5, 0.8]
    .map((value, i) => JSON.stringify({ at: i * 60_000, text: `${value} <b>&` }))
    .join("\n");

  test("has the state at each message, as it would have been told then", async () => {
    const { rows, trajectory } = lookAtSession(await read(text), { window: 64 }, undefined);
    assert.deepEqual(
      rows.map(({ time, state }) => `${time} ${state}`),
      [
        "0:00 too-little-data",
        "1:00 too-little-data",
        "2:00 too-little-data",
        "3:00 too-little-data",
        "4:00 stable",
        "5:00 recovering",
      ],
    );
    assert.equal(trajectory.state, "recovering");
  });

  test("its picture and page hold every message, escaped, and no script or address to fetch", async () => {
    const looked = lookAtSession(await read(text), { window: 64 }, undefined);
    const chart = drawTrajectory(looked, looked.trajectory);
    assert.match(chart.title, /6 messages: recovering/);
    for (const label of ["pleasure", "arousal", "minutes", "valence", "readiness"]) {
      assert.ok(chart.svg.includes(`>${label}<`), label);
    }
    const page = renderTrajectoryPage(looked, chart);
    assert.equal(page.split("&lt;b&gt;&amp;").length - 1, 6);
    assert.ok(!page.includes("<b>") && !/<script|src=|href=/.test(page));
  });

  test("nothing to look at is too little, not a failure", async () => {
    const looked = lookAtSession(await read(""), { window: 64 }, undefined);
    assert.equal(looked.trajectory.state, "too-little-data");
    assert.ok(
      renderTrajectoryPage(looked, drawTrajectory(looked, looked.trajectory)).includes("too-little-data"),
    );
  });
});
