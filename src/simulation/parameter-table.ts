/** @file The parameter table as Markdown, for docs/simulator.md: written from the code, so that none of it is typed. */
import type { Parameter, Parameters } from "./parameter.js";

const format = (value: number): string => String(Number(value.toPrecision(4)));

const sameBut = (a: Parameter, b: Parameter): boolean =>
  a.kind === b.kind && a.unit === b.unit && a.source === b.source && a.note === b.note;

/** A row: one parameter, or neighbours that differ in the last part of their name and in value alone. */
interface Row {
  readonly name: string;
  readonly first: Parameter;
  readonly values: string[];
}

function gatherRows(parameters: Parameters): readonly Row[] {
  const rows: Row[] = [];
  let stem = "";
  for (const [name, parameter] of Object.entries(parameters)) {
    const cut = name.lastIndexOf(".");
    const last = rows.at(-1);
    const part = name.slice(cut + 1);
    if (last !== undefined && stem === name.slice(0, cut) && sameBut(last.first, parameter)) {
      if (last.values.length === 1) last.values[0] = `${last.name.slice(cut + 1)} ${last.values[0]}`;
      last.values.push(`${part} ${format(parameter.value)}`);
      continue;
    }
    stem = name.slice(0, cut);
    rows.push({ name, first: parameter, values: [format(parameter.value)] });
  }
  return rows;
}

/** Markdown table of all parameters; neighbours that differ only in value share a row. */
export function renderParameterTable(parameters: Parameters): string {
  const lines = gatherRows(parameters).map(({ name, first, values }) => {
    const shown = values.length === 1 ? name : `${name.slice(0, name.lastIndexOf("."))}.*`;
    const kind = first.kind === "sourced" ? "**sourced**" : "assumption";
    return `| \`${shown}\` | ${values.join(", ")} | ${first.unit} | ${kind} | ${first.source || "–"} | ${first.note} |`;
  });
  return [
    "| parameter | value | unit | kind | source | what it does |",
    "|---|---|---|---|---|---|",
    ...lines,
  ].join("\n");
}
