// Compiles src/training/kernels.wat and writes the binary, as base64, into the last line of src/training/kernels.ts.
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import loadWabt from "wabt";

const source = fileURLToPath(new URL("../src/training/kernels.wat", import.meta.url));
const target = fileURLToPath(new URL("../src/training/kernels.ts", import.meta.url));

const wabt = await loadWabt();
const module = wabt.parseWat(source, readFileSync(source, "utf8"), { simd: true, bulk_memory: true });
module.validate();
const { buffer } = module.toBinary({});
module.destroy();

const line = /^const base64 =\s*"[^"]*";$/m;
const text = readFileSync(target, "utf8");
if (!line.test(text)) throw new Error(`${target}: expected a line that reads const base64 = "…"; restore it`);
const base64 = Buffer.from(buffer).toString("base64");
writeFileSync(
  target,
  text.replace(line, () => `const base64 =\n  "${base64}";`),
);
console.log(`kernels.wat: ${buffer.length} bytes compiled into ${target}`);
