import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readFile, symlink, writeFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { after, before, beforeEach, describe, test } from "node:test";
import { makeScratchFolder } from "../../test/scratch-folder.js";
import { downloadFile, hashFile, obtainSource } from "./download.js";
import type { Source } from "./sources.js";

const content = Buffer.from(Array.from({ length: 200_000 }, (_, i) => (i * 7919) >> 5));
const sha256 = createHash("sha256").update(content).digest("hex");

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

/** Serves the content, from where the range asks if `ranges`, and hangs up after `cut` bytes. */
const serve = (options: { ranges?: boolean; cut?: number; body?: Buffer } = {}): Answer => {
  const { ranges = true, cut = Number.POSITIVE_INFINITY, body = content } = options;
  return (request, response) => {
    const asked = /^bytes=(\d+)-$/.exec(request.headers.range ?? "");
    const start = ranges && asked ? Number(asked[1]) : 0;
    if (start > 0 && start >= body.length) {
      response.writeHead(416, { "content-range": `bytes */${body.length}` }).end();
      return;
    }
    const rest = body.subarray(start);
    const headers = { "content-length": rest.length };
    if (start > 0) {
      response.writeHead(206, {
        ...headers,
        "content-range": `bytes ${start}-${body.length - 1}/${body.length}`,
      });
    } else response.writeHead(200, headers);
    if (rest.length <= cut) response.end(rest);
    else response.write(rest.subarray(0, cut), () => setTimeout(() => response.destroy(), 20));
  };
};

const status =
  (code: number): Answer =>
  (_, response) =>
    response.writeHead(code).end("no");

describe("download", () => {
  let folder = "";
  let answers: Answer[] = [];
  let requests: IncomingMessage[] = [];
  let home = "";
  // Each request takes the next answer; the last one stays.
  const server = createServer((request, response) => {
    requests.push(request);
    const answer = answers.length > 1 ? answers.shift() : answers[0];
    answer?.(request, response);
  });

  before(async () => {
    await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
    home = `http://127.0.0.1:${(server.address() as AddressInfo).port}/files/`;
  });
  after(() => {
    server.closeAllConnections();
    server.close();
  });
  beforeEach(async () => {
    folder = makeScratchFolder("download");
    requests = [];
  });

  const get = (...given: readonly Answer[]): Promise<void> => {
    answers = [...given];
    return downloadFile({
      url: `${home}model.bin`,
      target: join(folder, "deep", "model.bin"),
      sha256: ["0".repeat(64), sha256],
      retryDelayMs: 1,
      silenceMs: 300,
    });
  };
  const target = (): string => join(folder, "deep", "model.bin");
  const ranges = (): (string | undefined)[] => requests.map(({ headers }) => headers.range);
  const putPart = async (bytes: Buffer): Promise<void> => {
    await mkdir(join(folder, "deep"), { recursive: true });
    await writeFile(`${target()}.part`, bytes);
  };

  test("brings a whole file, its folder made, no part left", async () => {
    await get(serve());
    assert.deepEqual(await readFile(target()), content);
    assert.equal(existsSync(`${target()}.part`), false);
    assert.equal(requests[0]?.headers["accept-encoding"], "identity");
  });

  test("goes on where the connection was cut, twice", async () => {
    await get(serve({ cut: 60_000 }), serve({ cut: 50_000 }), serve());
    assert.deepEqual(await readFile(target()), content);
    assert.deepEqual(ranges(), [undefined, "bytes=60000-", "bytes=110000-"]);
  });

  test("goes on from the part an earlier run left", async () => {
    await putPart(content.subarray(0, 1234));
    await get(serve());
    assert.deepEqual(await readFile(target()), content);
    assert.deepEqual(ranges(), ["bytes=1234-"]);
  });

  test("takes a part that is already whole, and starts over from one that is too long", async () => {
    await putPart(content);
    await get(serve());
    assert.deepEqual(await readFile(target()), content);
    folder = makeScratchFolder("download");
    await putPart(Buffer.concat([content, content]));
    await get(serve());
    assert.deepEqual(await readFile(target()), content);
  });

  test("starts over where the home knows no ranges, or the part was of another version", async () => {
    await putPart(content.subarray(0, 500));
    await get(serve({ ranges: false }));
    assert.deepEqual(await readFile(target()), content);
    folder = makeScratchFolder("download");
    await putPart(Buffer.alloc(500, 1));
    await get(serve());
    assert.deepEqual(await readFile(target()), content);
  });

  test("refuses another file and keeps nothing of it", async () => {
    await assert.rejects(get(serve({ body: Buffer.from("another") })), {
      code: "FETCH_HASH",
      message: new RegExp(`or ${sha256}, got [0-9a-f]{64};`),
    });
    assert.equal(existsSync(target()) || existsSync(`${target()}.part`), false);
  });

  test("a missing file is an error at once; a passing failure is tried again", async () => {
    await assert.rejects(get(status(404)), { code: "FETCH_FAILED", message: /HTTP 404 Not Found; .*--from/ });
    assert.equal(requests.length, 1);
    await get(status(503), status(429), serve());
    assert.deepEqual(await readFile(target()), content);
  });

  test("gives up after some tries and keeps the part for the next run", async () => {
    await assert.rejects(get(serve({ cut: 10_000 })), {
      code: "FETCH_FAILED",
      message: /4 tries\); run the command again/,
    });
    assert.deepEqual(await readFile(`${target()}.part`), content.subarray(0, 40_000));
    await get(serve());
    assert.deepEqual(await readFile(target()), content);
  });

  test("a home that falls silent or is not there is an error that says so", async () => {
    const silent: Answer = (_, response) => void response.writeHead(200).write("x");
    await assert.rejects(get(silent), { code: "FETCH_FAILED" });
    const options = { target: target(), sha256: [sha256], attempts: 2, retryDelayMs: 1 };
    await assert.rejects(downloadFile({ ...options, url: "http://127.0.0.1:1/x" }), {
      code: "FETCH_FAILED",
      message: /bad port|ECONNREFUSED/,
    });
  });

  test("a disk that cannot take it is an error that says so", async () => {
    await writeFile(join(folder, "deep"), "a file where a folder should be");
    await assert.rejects(get(serve()), { code: "FILE_SYSTEM" });
  });

  test("a full disk is told apart", { skip: existsSync("/dev/full") ? false : "no /dev/full" }, async () => {
    await mkdir(join(folder, "deep"));
    await symlink("/dev/full", `${target()}.part`);
    await assert.rejects(get(serve()), { code: "DISK_FULL" });
    assert.equal(requests.length, 1);
  });

  describe("obtainSource", () => {
    const small = Buffer.from("a small file");
    const source = (): Source => ({
      title: "",
      licence: "",
      home,
      folder: () => folder,
      files: [
        {
          name: "small.txt",
          bytes: small.length,
          sha256: [createHash("sha256").update(small).digest("hex")],
        },
        { name: "model.bin", bytes: content.length, sha256: [sha256] },
      ],
    });
    const byName: Answer = (request, response) =>
      serve({ body: request.url?.endsWith("small.txt") ? small : content })(request, response);

    test("downloads what is missing, leaves what is whole and replaces what is not", async () => {
      answers = [byName];
      const seen: number[] = [];
      const onBytes = (done: number, total: number): void => {
        assert.equal(total, small.length + content.length);
        seen.push(done);
      };
      const how = async (): Promise<string[]> =>
        (await obtainSource(source(), { to: folder, onBytes })).map((file) => file.how);
      assert.deepEqual(await how(), ["downloaded", "downloaded"]);
      assert.deepEqual(
        seen,
        seen.toSorted((a, b) => a - b),
      );
      assert.equal(seen.at(-1), small.length + content.length);
      assert.deepEqual(await how(), ["present", "present"]);
      await writeFile(join(folder, "small.txt"), "broken");
      assert.deepEqual(await how(), ["downloaded", "present"]);
      assert.deepEqual(
        requests.map(({ url }) => url),
        ["/files/small.txt", "/files/model.bin", "/files/small.txt"],
      );
    });

    test("imports from a folder with the same check, without the network", async () => {
      const from = makeScratchFolder("import");
      await writeFile(join(from, "small.txt"), small);
      const options = { to: join(folder, "new"), from };
      await assert.rejects(obtainSource(source(), options), {
        code: "DATA_NOT_FOUND",
        message: /model\.bin in /,
      });
      await writeFile(join(from, "model.bin"), "another");
      await assert.rejects(obtainSource(source(), options), { code: "FETCH_HASH" });
      assert.equal(existsSync(join(folder, "new", "model.bin")), false);
      await writeFile(join(from, "model.bin"), content);
      const obtained = await obtainSource(source(), options);
      assert.deepEqual(
        obtained.map(({ how }) => how),
        ["present", "imported"],
      );
      assert.equal(await hashFile(join(folder, "new", "model.bin")), sha256);
      assert.equal(requests.length, 0);
    });
  });
});
