import assert from "node:assert/strict";
import { ModelError } from "../base/errors.ts";
import {
  BaseModel,
  Column,
  CreatedAt,
  Entity,
  entityOf,
  type Generated,
  PrimaryKey,
} from "./mod.ts";
import type { ColumnSettings } from "./column_options.ts";

/** A column with options that the compiler would refuse. */
function unchecked(settings: unknown): (_: undefined, context: ClassFieldDecoratorContext) => void {
  return (_, context) => Column(settings as ColumnSettings & { type: "json" })(_, context as never);
}

Deno.test("a mistake in a declaration is a ModelError that names class and property", () => {
  const cases: readonly (readonly [unknown, RegExp])[] = [
    [{ type: "strin" }, /Cannot map Bad\.field: its type "strin" is unknown; known are smallint/],
    [{ type: "constructor" }, /its type "constructor" is unknown/],
    [{ type: "integer", length: 5 }, /Bad\.field: length does not belong to type integer/],
    [{ type: "varchar", length: 0 }, /length is not a positive integer/],
    [{ type: "text", scale: 2 }, /scale does not belong to type text/],
    [{ type: "numeric", scale: 2 }, /scale needs a precision/],
    [{ type: "numeric", precision: 2, scale: 3 }, /scale needs a precision that is not less/],
    [{ type: "enum" }, /an enum needs `values`/],
    [{ type: "enum", values: ["a", "a"] }, /`values` repeat/],
    [{ type: "text", values: ["a"] }, /values does not belong to type text/],
    [{ type: "other" }, /type other needs `sql`/],
    [{ type: "text", identity: true }, /identity does not belong to type text/],
    [{ type: "serial", default: 1 }, /so it has no default/],
    [{ type: "serial", nullable: true }, /so it is not nullable/],
    [{ type: "integer", identity: true, array: true }, /a list cannot be numbered/],
    [{ type: "integer", default: 1, defaultSql: "2" }, /both `default` and `defaultSql`/],
    [{ type: "integer", default: 1, generatedAs: "2" }, /it is computed/],
    [{ type: "integer", primary: true, nullable: true }, /a primary key is not nullable/],
  ];
  for (const [settings, message] of cases) {
    assert.throws(
      () => {
        @Entity()
        class Bad extends BaseModel {
          @unchecked(settings)
          field!: unknown;
        }
        void Bad;
      },
      (error) => error instanceof ModelError && message.test(error.message),
      String(message),
    );
  }
});

Deno.test("a decorator at a place where it cannot work is a ModelError", () => {
  assert.throws(() => {
    @Entity()
    class Static extends BaseModel {
      @Column({ type: "text" })
      static field: string;
    }
    void Static;
  }, /Cannot map Static\.field: @Column cannot be used here: it is static/);
  assert.throws(() => {
    @Entity()
    class Private extends BaseModel {
      @Column({ type: "text" })
      #field!: string;
      read(): string {
        return this.#field;
      }
    }
    void Private;
  }, /Cannot map Private\.#field: @Column cannot be used here: it is private/);
  assert.throws(() => {
    @Entity()
    class Twice extends BaseModel {
      @Column({ type: "text" })
      @Column({ type: "varchar" })
      field!: string;
    }
    void Twice;
  }, /Cannot map Twice\.field: it is declared twice/);
  assert.throws(
    () => {
      @Entity()
      class TwoKeys extends BaseModel {
        @PrimaryKey()
        a!: Generated<number>;
        @PrimaryKey()
        b!: Generated<number>;
      }
      void TwoKeys;
    },
    /Cannot map TwoKeys\.b: a is a primary key that the database numbers already\n.*generated: false/,
  );
  assert.throws(() => {
    @Entity()
    class TwoRoles extends BaseModel {
      @CreatedAt()
      a!: Generated<Date>;
      @CreatedAt()
      b!: Generated<Date>;
    }
    void TwoRoles;
  }, /TwoRoles\.b: a is the createdAt column already/);
});

Deno.test("two properties with one column are a ModelError", () => {
  @Entity()
  class Shared extends BaseModel {
    @Column({ type: "text" })
    userName!: string;
    @Column({ type: "text", name: "user_name" })
    login!: string;
  }
  assert.throws(
    () => entityOf(Shared),
    /Cannot map Shared\.login: its column user_name is that of userName too/,
  );
});

Deno.test("an index over something that is no column is a ModelError", () => {
  @Entity({ indexes: [{ columns: ["plain"] }] })
  class Unindexable extends BaseModel {
    plain!: string;
  }
  assert.throws(
    () => entityOf(Unindexable),
    /Cannot map Unindexable: .* over plain, which is no column/,
  );
  @Entity({ indexes: [{ columns: ["a"] }] })
  class Same extends BaseModel {
    @Column({ type: "text", index: true })
    a!: string;
  }
  assert.throws(() => entityOf(Same), /Cannot map Same: two indexes are named ix_sames_a/);
});
