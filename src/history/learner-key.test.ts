import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { AppError } from "../base/errors.js";
import { maxIdLength, validateLearnerKey, writeAddress } from "./learner-key.js";

describe("keys", () => {
  test("what is no key is refused with a code of its own", () => {
    const refuses = (value: unknown, code: string, message: RegExp): void => {
      assert.throws(
        () => validateLearnerKey(value, "test"),
        (error) => error instanceof AppError && error.code === code && message.test(error.message),
        `${JSON.stringify(value)}`,
      );
    };
    refuses(undefined, "INPUT_TYPE", /^test: expected a key .*, got undefined; /);
    refuses(null, "INPUT_TYPE", /got null/);
    refuses("a", "INPUT_TYPE", /got string/);
    refuses({ learnerId: "a" }, "INPUT_TYPE", /^test: tenantId: expected a string, got undefined; /);
    refuses(
      { tenantId: "a", learnerId: 7 },
      "INPUT_TYPE",
      /^test: learnerId: expected a string, got number; /,
    );
    refuses({ tenantId: "a", learnerId: ["b"] }, "INPUT_TYPE", /got an array/);
    refuses(
      { tenantId: "a", learnerId: "" },
      "INPUT_EMPTY",
      /learnerId: expected an id, got an empty string; /,
    );
    refuses({ tenantId: "a", learnerId: " \n" }, "INPUT_EMPTY", /only blanks/);
    refuses({ tenantId: "a", learnerId: "x".repeat(maxIdLength + 1) }, "INPUT_TOO_LONG", /got 257/);
    refuses({ tenantId: "\ud800", learnerId: "a" }, "INPUT_ENCODING", /tenantId: .*surrogate/);
  });

  test("a key is copied, frozen, and keeps nothing but its ids", () => {
    const key = validateLearnerKey({ tenantId: "", learnerId: "😀", name: "Ada" }, "test");
    assert.deepEqual(key, { tenantId: "", learnerId: "😀" });
    assert.ok(Object.isFrozen(key));
  });

  test("two keys never have one address", () => {
    const tricky = fc.string({ unit: fc.constantFrom("a", ":", "1", "0", '"', ",", "\0"), maxLength: 4 });
    fc.assert(
      fc.property(tricky, tricky, tricky, tricky, (tenantId, learnerId, tenant2, learner2) => {
        const same = tenantId === tenant2 && learnerId === learner2;
        const [one, other] = [
          writeAddress({ tenantId, learnerId }),
          writeAddress({ tenantId: tenant2, learnerId: learner2 }),
        ];
        assert.equal(one === other, same);
      }),
      { numRuns: 5000 },
    );
    assert.notEqual(
      writeAddress({ tenantId: "a", learnerId: "b:c" }),
      writeAddress({ tenantId: "a:b", learnerId: "c" }),
    );
    assert.notEqual(
      writeAddress({ tenantId: "a", learnerId: "bc" }),
      writeAddress({ tenantId: "ab", learnerId: "c" }),
    );
  });
});
