/** @file Rows of token ids through a model, those of like length together. */
import { type HeadName, headNames } from "../../base/head.js";
import type { HeadLogits } from "../../calibration/calibration.js";
import type { Session, Tensor } from "../../runtime/session.js";
import { layBatch } from "./dataset.js";

/** Rows run at a time. */
const rowsAtOnce = 32;

/** What a model answered for some of the rows. */
export class Answers {
  /** Which rows they were, by their place among all. */
  readonly places: readonly number[];
  readonly #results: Readonly<Record<string, Tensor>>;

  constructor(places: readonly number[], results: Readonly<Record<string, Tensor>>) {
    this.places = places;
    this.#results = results;
  }

  /** Numbers of one output for the `row`th of `places`. */
  read(output: string, row: number): Float32Array {
    const { data, dims } = this.#results[output] as Tensor;
    const size = dims[1] as number;
    return (data as Float32Array).slice(row * size, (row + 1) * size);
  }

  /** Logits of every head for the `row`th of `places`. */
  readLogits(row: number): HeadLogits {
    const read = (head: HeadName): Float32Array => this.read(head, row);
    return {
      emotion: read("emotion"),
      goemotions: read("goemotions"),
      pad: read("pad"),
      emobank: read("emobank"),
      readiness: read("readiness"),
      support: read("support"),
    };
  }
}

/**
 * Runs rows of token ids through a model batch by batch, the shortest first.
 * @param feeds what the model takes besides the tokens
 * @param outputs what is asked for, each `[batch,size]`
 */
export async function* forwardRows(
  session: Session,
  feeds: Readonly<Record<string, Tensor>>,
  rows: readonly Int32Array[],
  padId: number,
  outputs: readonly string[] = headNames,
): AsyncGenerator<Answers> {
  const lengthOf = (i: number): number => (rows[i] as Int32Array).length;
  const order = rows.map((_, i) => i).sort((a, b) => lengthOf(a) - lengthOf(b));
  for (let start = 0; start < order.length; start += rowsAtOnce) {
    const places = order.slice(start, start + rowsAtOnce);
    const { ids, mask, batch, tokens } = layBatch(
      places.map((i) => rows[i] as Int32Array),
      padId,
    );
    const dims = [batch, tokens];
    const results = await session.run(
      {
        ...feeds,
        input_ids: { type: "int64", dims, data: ids },
        attention_mask: { type: "int64", dims, data: mask },
      },
      outputs,
    );
    yield new Answers(places, results);
  }
}

/**
 * Logits of each row of token ids, in order; see `forwardRows`.
 * @param keepGoing asked before each batch; `undefined` is what comes when told to stop
 */
export async function computeLogits(
  session: Session,
  feeds: Readonly<Record<string, Tensor>>,
  rows: readonly Int32Array[],
  padId: number,
): Promise<HeadLogits[]>;
export async function computeLogits(
  session: Session,
  feeds: Readonly<Record<string, Tensor>>,
  rows: readonly Int32Array[],
  padId: number,
  keepGoing: () => boolean,
): Promise<HeadLogits[] | undefined>;
export async function computeLogits(
  session: Session,
  feeds: Readonly<Record<string, Tensor>>,
  rows: readonly Int32Array[],
  padId: number,
  keepGoing: () => boolean = () => true,
): Promise<HeadLogits[] | undefined> {
  const out: HeadLogits[] = new Array(rows.length);
  if (!keepGoing()) return undefined;
  for await (const answers of forwardRows(session, feeds, rows, padId)) {
    answers.places.forEach((place, row) => {
      out[place] = answers.readLogits(row);
    });
    if (!keepGoing()) return undefined;
  }
  return out;
}
