/** @file What is handed over stays as it was: a deep copy that nobody can change, so that keeper and caller never share an object. */

/**
 * A deep, frozen copy of plain data. Keys without a value are left out and −0 becomes 0, so that equal content
 * looks equal however it was written. A Float32Array is copied but cannot be frozen: copy it again on the way out.
 * @param value made of objects, arrays, Float32Arrays and primitives only, without cycles
 */
export function copyFrozen<T>(value: T): T {
  return copy(value) as T;
}

function copy(value: unknown): unknown {
  if (typeof value === "number") return value + 0;
  if (typeof value !== "object" || value === null) return value;
  if (value instanceof Float32Array) return value.slice();
  if (Array.isArray(value)) return Object.freeze(value.map(copy));
  const known = Object.entries(value).filter(([, inner]) => inner !== undefined);
  return Object.freeze(Object.fromEntries(known.map(([key, inner]) => [key, copy(inner)])));
}
