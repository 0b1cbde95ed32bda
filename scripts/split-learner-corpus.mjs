/**
 * @file Writes the split of the learner corpus into its rows, once and for all: `node scripts/split-learner-corpus.mjs`.
 * Idempotent: the same files give the same split whatever split they hold already. `--check` changes nothing and fails
 * where the files differ from what it would write.
 *
 * 1. Rows that are near-duplicates or minimal contrasts of each other, in whatever files, form a group (union-find).
 * 2. A group that touches a register held out for test is test as a whole.
 * 3. A tenth of each class of each cluster is test; then a tenth of what is left, class by class, is validation.
 *    Groups are taken whole, in seeded order, and only where no stratum would overflow: a group that fits nowhere trains.
 * 4. Registers written later come after that, wave by wave, and move no row of the files before them: a row like an
 *    earlier one joins its side (one of the very same words before all), and a tenth of the others is validation.
 */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Random } from "../dist/src/base/random.js";

const seed = 41;
const heldOut = ["register-06-vocational", "register-12-group-chat"];
/** Files that came when those before them had their split, and were trained on, already: wave by wave. */
const waves = [
  { files: /^register-(1[7-9]|2[0-2])-/, stream: "learner-split-later" },
  { files: /^register-(2[3-9]|3[0-2])-/, stream: "learner-split-later-2" },
  { files: /^register-3[3-9]-/, stream: "learner-split-later-3" },
];
/** The place of a file's wave, 0 for the files that came first. */
const waveOf = (file) => waves.findIndex(({ files }) => files.test(file)) + 1;
const splits = ["train", "validation", "test"];

/** Token sets this alike are near-duplicates. */
const duplicateJaccard = 0.6;
/** Below this no pair is looked at: a minimal contrast of three words or more has at least this. */
const candidateJaccard = 0.5;
const prefixWords = 6;
const phraseWords = 9;

const folder = join(fileURLToPath(import.meta.url), "../../data/learner-corpus");
let random = Random.seeded(seed, "learner-split");

const wordsOf = (text) =>
  text
    .normalize("NFKC")
    .toLowerCase()
    .replace(/['’]/g, "")
    .match(/[\p{L}\p{N}]+|\p{Extended_Pictographic}/gu) ?? [text];

/** What two texts share that differ in punctuation and spaces at most. */
const joinWords = ({ words }) => words.join("");

const groupBy = (items, keyOf) => {
  const groups = new Map();
  for (const item of items) {
    const key = keyOf(item);
    if (groups.has(key)) groups.get(key).push(item);
    else groups.set(key, [item]);
  }
  return groups;
};

const readRows = () => {
  const files = readdirSync(folder)
    .filter((name) => name.endsWith(".jsonl"))
    .sort();
  return files.flatMap((file) =>
    readFileSync(join(folder, file), "utf8")
      .trimEnd()
      .split("\n")
      .map((line) => {
        const { text, emotion } = JSON.parse(line);
        const words = wordsOf(text);
        return { file: file.slice(0, -6), line, emotion, words, tokens: [...new Set(words)] };
      }),
  );
};

/** Pairs of rows whose token sets overlap by `candidateJaccard`, found by prefix filtering over the rarest tokens. */
const candidatePairs = function* (rows) {
  const frequency = new Map();
  for (const { tokens } of rows)
    for (const token of tokens) frequency.set(token, (frequency.get(token) ?? 0) + 1);
  const index = new Map();
  for (const [n, row] of rows.entries()) {
    const own = new Set(row.tokens);
    const rare = row.tokens
      .toSorted((a, b) => frequency.get(a) - frequency.get(b) || (a < b ? -1 : 1))
      .slice(0, own.size - Math.ceil(candidateJaccard * own.size) + 1);
    const met = new Set(rare.flatMap((token) => index.get(token) ?? []));
    for (const m of met) {
      const other = rows[m].tokens;
      if (Math.min(other.length, own.size) < candidateJaccard * Math.max(other.length, own.size)) continue;
      let common = 0;
      for (const token of other) if (own.has(token)) common++;
      const jaccard = common / (own.size + other.length - common);
      if (jaccard >= candidateJaccard) yield [m, n, jaccard];
    }
    for (const token of rare) {
      if (!index.has(token)) index.set(token, []);
      index.get(token).push(n);
    }
  }
};

/** Words to replace, insert or remove to get from `a` to `b`. */
const wordDistance = (a, b) => {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (const [i, word] of a.entries()) {
    const next = [i + 1];
    for (let j = 1; j <= b.length; j++) {
      next[j] = Math.min(row[j] + 1, next[j - 1] + 1, row[j - 1] + (word === b[j - 1] ? 0 : 1));
    }
    row = next;
  }
  return row[b.length];
};

const isMinimalContrast = (a, b) => {
  const shorter = Math.min(a.length, b.length);
  const allowed = shorter >= 6 ? 2 : shorter >= 3 ? 1 : 0;
  return Math.abs(a.length - b.length) <= allowed && wordDistance(a, b) <= allowed;
};

const groupRows = (rows) => {
  const parent = rows.map((_, i) => i);
  const find = (i) => {
    let root = i;
    while (parent[root] !== root) root = parent[root] = parent[parent[root]];
    return root;
  };
  const join = (a, b) => {
    parent[Math.max(find(a), find(b))] = Math.min(find(a), find(b));
  };
  for (const [m, n, jaccard] of candidatePairs(rows)) {
    if (jaccard >= duplicateJaccard || isMinimalContrast(rows[m].words, rows[n].words)) join(m, n);
  }
  // The same opening, or a long phrase word for word, is the same writer's thought once more.
  const seen = new Map();
  for (const [n, { words }] of rows.entries()) {
    const keys = words.length > prefixWords ? [`^ ${words.slice(0, prefixWords).join(" ")}`] : [];
    for (let i = 0; i + phraseWords <= words.length; i++)
      keys.push(words.slice(i, i + phraseWords).join(" "));
    for (const key of keys) {
      if (seen.has(key)) join(seen.get(key), n);
      else seen.set(key, n);
    }
  }
  return [...groupBy(rows.keys(), find).values()];
};

/** A tenth of each stratum as a whole number, the remainders carried on so that the sum over files is a tenth too. */
const tenthOf = (rows, keep) => {
  const quota = new Map();
  for (const [, members] of groupBy(rows.filter(keep), (row) => row.emotion)) {
    let sum = random.float(); // so that no file is always the one rounded down
    for (const [file, { length }] of groupBy(members, (row) => row.file)) {
      quota.set(`${file} ${members[0].emotion}`, Math.round(sum + length / 10) - Math.round(sum));
      sum += length / 10;
    }
  }
  return quota;
};

const takeGroups = (rows, groups, quota, split) => {
  for (const group of random.shuffle([...groups])) {
    const members = group.map((i) => rows[i]);
    if (members.some((row) => row.split)) continue;
    const need = new Map();
    for (const { file, emotion } of members)
      need.set(`${file} ${emotion}`, (need.get(`${file} ${emotion}`) ?? 0) + 1);
    if ([...need].some(([stratum, count]) => (quota.get(stratum) ?? 0) < count)) continue;
    for (const [stratum, count] of need) quota.set(stratum, quota.get(stratum) - count);
    for (const row of members) row.split = split;
  }
};

const assignSplits = (rows) => {
  const groups = groupRows(rows);
  const isHeldOut = (row) => heldOut.includes(row.file);
  let dragged = 0;
  for (const group of groups) {
    if (!group.some((i) => isHeldOut(rows[i]))) continue;
    for (const i of group) {
      rows[i].split = "test";
      if (!isHeldOut(rows[i])) dragged++;
    }
  }
  const isCluster = (row) => row.file.startsWith("cluster-");
  const testQuota = tenthOf(rows, isCluster);
  for (const row of rows) {
    const stratum = `${row.file} ${row.emotion}`;
    if (isCluster(row) && row.split === "test")
      testQuota.set(stratum, Math.max(0, testQuota.get(stratum) - 1));
  }
  takeGroups(rows, groups, testQuota, "test");
  takeGroups(
    rows,
    groups,
    tenthOf(rows, (row) => !row.split),
    "validation",
  );
  for (const row of rows) row.split ??= "train";
  return { groups: groups.filter((group) => group.length > 1), dragged };
};

/** Rows of a later wave: with the strictest side of whatever they are like, else a tenth for validation. */
const assignLater = (rows, stream) => {
  random = Random.seeded(seed, stream);
  const groups = groupRows(rows);
  // A group may touch several sides by way of its earlier rows: the same words go where they already are.
  const sideOf = new Map(rows.filter((row) => row.split).map((row) => [joinWords(row), row.split]));
  let dragged = 0;
  for (const row of rows.filter(({ split }) => !split)) {
    row.split = sideOf.get(joinWords(row));
    if (row.split === "test") dragged++;
  }
  for (const group of groups) {
    const sides = new Set(group.map((i) => rows[i].split));
    const side = ["test", "validation", "train"].find((name) => sides.has(name));
    if (side === undefined) continue;
    for (const i of group.filter((i) => !rows[i].split)) {
      rows[i].split = side;
      if (side === "test") dragged++;
    }
  }
  const quota = tenthOf(rows, (row) => !row.split);
  takeGroups(rows, groups, quota, "validation");
  for (const row of rows) row.split ??= "train";
  return { groups: groups.filter((group) => group.length > 1), dragged };
};

const withSplit = ({ line, split }) =>
  `${line.replace(/, "split": "[a-z]+"\}$/, "}").slice(0, -1)}, "split": "${split}"}`;

const rows = readRows();
const upTo = (wave) => rows.filter(({ file }) => waveOf(file) <= wave);
const steps = [assignSplits(upTo(0)), ...waves.map(({ stream }, i) => assignLater(upTo(i + 1), stream))];
const { groups } = steps.at(-1);
const dragged = steps.reduce((sum, step) => sum + step.dragged, 0);
const check = process.argv.includes("--check");
let stale = 0;
for (const [file, members] of groupBy(rows, (row) => row.file)) {
  const path = join(folder, `${file}.jsonl`);
  const content = `${members.map(withSplit).join("\n")}\n`;
  if (content === readFileSync(path, "utf8")) continue;
  stale++;
  if (!check) writeFileSync(path, content);
}

const countSplits = (members) => splits.map((split) => members.filter((row) => row.split === split).length);
const print = (title, key) => {
  console.log(`\n${title.padEnd(40)}${splits.map((split) => split.padStart(12)).join("")}`);
  for (const [name, members] of groupBy(rows, key)) {
    console.log(
      name.padEnd(40) +
        countSplits(members)
          .map((count) => String(count).padStart(12))
          .join(""),
    );
  }
};
console.log(
  `${rows.length} rows, ${groups.length} groups of near-duplicates or contrasts with ${groups.flat().length} rows`,
);
console.log(
  `largest groups: ${groups
    .map((group) => group.length)
    .sort((a, b) => b - a)
    .slice(0, 8)
    .join(", ")}`,
);
console.log(`${dragged} rows of other files are test because they resemble a row of ${heldOut.join(" or ")}`);
print("all", () => "");
print("file", (row) => row.file);
print("class", (row) => row.emotion);
if (check && stale > 0) {
  console.error(`${stale} files differ from what the script would write; run it without --check`);
  process.exitCode = 1;
}
