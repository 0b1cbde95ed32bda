/** @file Writes the simulator's parameter table into docs/simulator.md from the built code: `node scripts/simulator-table.mjs`. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { renderParameterTable } from "../dist/src/simulation/parameter-table.js";
import { defaultParameters } from "../dist/src/simulation/parameters.js";
import { root } from "./setup.mjs";

const path = join(root, "docs", "simulator.md");
const [before, rest] = readFileSync(path, "utf8").split("<!-- parameters -->\n");
const after = rest.split("\n<!-- /parameters -->")[1];
const table = renderParameterTable(defaultParameters);
writeFileSync(path, `${before}<!-- parameters -->\n${table}\n<!-- /parameters -->${after}`);
