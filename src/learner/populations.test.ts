import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { AppError } from "../base/errors.js";
import { TenantPopulations } from "./populations.js";

describe("TenantPopulations", () => {
  test("nothing is usual until enough was seen, of each tenant by itself", () => {
    const populations = new TenantPopulations({ enoughSteps: 3 });
    for (let i = 0; i < 3; i++) {
      assert.equal(populations.find("a"), undefined);
      populations.observe("a", { responseTimeMs: 1000 }, "item");
    }
    populations.observe("b", { responseTimeMs: 9000 }, "item");
    assert.equal(populations.find("a")?.summarizeItem("item", "responseTimeMs").count, 3);
    assert.equal(populations.find("b"), undefined);
  });

  test("the tenant of whom nothing was seen for longest gives way, and items are bounded", () => {
    const populations = new TenantPopulations({ enoughSteps: 1, maxTenants: 2, maxItems: 2 });
    for (const tenant of ["a", "b", "a", "c"]) populations.observe(tenant, { attempts: 1 }, undefined);
    assert.deepEqual(
      ["a", "b", "c"].map((tenant) => populations.find(tenant) !== undefined),
      [true, false, true],
    );
    for (const item of ["x", "y", "z"]) populations.observe("a", { attempts: 1 }, item);
    assert.deepEqual(
      populations.find("a")?.state.items.map(([id]) => id),
      ["y", "z"],
    );
    assert.equal(populations.forget("a"), true);
    assert.equal(populations.find("a"), undefined);
    assert.equal(populations.forget("a"), false);
  });

  test("what was saved goes on where it was", () => {
    const populations = new TenantPopulations({ enoughSteps: 2 });
    assert.equal(populations.save("a"), undefined);
    for (let i = 0; i < 5; i++) populations.observe("a", { attempts: i, correct: true }, "item");
    const again = new TenantPopulations({ enoughSteps: 6 });
    again.restore("a", JSON.parse(JSON.stringify(populations.save("a"))), "test");
    assert.deepEqual(again.save("a"), populations.save("a"));
    assert.equal(again.find("a"), undefined, "five steps are not six");
    again.observe("a", { attempts: 1 }, undefined);
    assert.ok(again.find("a") !== undefined);
  });

  test("what is no saved population, and limits that are none, are refused by name", () => {
    const populations = new TenantPopulations();
    for (const [saved, message] of [
      [null, /row 3: the population: expected object/],
      [{ version: 1, steps: -1, statistics: {} }, /steps/],
      [{ version: 1, steps: 3, statistics: {} }, /row 3: .*values/],
    ] as const) {
      assert.throws(
        () => populations.restore("a", saved, "row 3"),
        (error) => error instanceof AppError && error.code === "DATA_INVALID" && message.test(error.message),
      );
    }
    assert.throws(
      () => new TenantPopulations({ maxTenants: 0 }),
      (error) => error instanceof AppError && error.code === "USAGE" && /maxTenants/.test(error.message),
    );
  });
});
