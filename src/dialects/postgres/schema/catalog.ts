/**
 * The statements that read PostgreSQL's catalogs, and the rows they give. What an extension brought is left out.
 * Text of expressions is as the database spells it, names unqualified where `search_path` finds them.
 *
 * @module
 */

/** A relation of some kind: a table, a view. */
export interface RelationRow {
  readonly oid: number;
  readonly schema: string;
  readonly name: string;
  /** `r` table, `p` partitioned table, `v` view, `m` materialized view, `f` foreign table. */
  readonly kind: "r" | "p" | "v" | "m" | "f";
  readonly options: string | null;
  readonly persistence: "p" | "u" | "t";
  readonly comment: string | null;
  readonly partitionKey: string | null;
  readonly partitionBound: string | null;
  readonly parents: readonly { readonly schema: string; readonly name: string }[] | null;
  readonly definition: string | null;
}

/** A column. */
export interface ColumnRow {
  readonly table: number;
  readonly name: string;
  readonly type: TypeRow;
  readonly notNull: boolean;
  readonly default: string | null;
  readonly identity: "" | "a" | "d";
  readonly generated: "" | "s" | "v";
  readonly collation: string | null;
  readonly comment: string | null;
  /** Whether its default takes numbers from a sequence that it owns. */
  readonly serial: boolean;
}

/** A type as a column has it. */
export interface TypeRow {
  /** As SQL: `character varying(255)`. */
  readonly sql: string;
  /** The name of the type, or of its elements, in the catalog. */
  readonly name: string;
  readonly schema: string;
  /** `b` base, `e` enum, `d` domain, … of the type or its elements. */
  readonly kind: string;
  readonly array: boolean;
  readonly typmod: number;
}

/** A constraint. */
export interface ConstraintRow {
  readonly table: number;
  readonly name: string;
  readonly kind: "p" | "u" | "c" | "f" | "x";
  readonly columns: readonly string[];
  readonly include: readonly string[] | null;
  readonly nullsNotDistinct: boolean | null;
  readonly deferrable: boolean;
  readonly deferred: boolean;
  readonly validated: boolean;
  readonly sql: string | null;
  readonly targetSchema: string | null;
  readonly targetTable: string | null;
  readonly references: readonly string[] | null;
  readonly onDelete: string;
  readonly onUpdate: string;
  readonly match: string;
  /** Of an exclusion constraint: its index, and the operator of each part. */
  readonly index: number;
  readonly operators: readonly string[] | null;
}

/** An index. */
export interface IndexRow {
  readonly oid: number;
  readonly table: number;
  readonly name: string;
  readonly unique: boolean;
  readonly method: string;
  readonly where: string | null;
  readonly options: string | null;
  readonly nullsNotDistinct: boolean | null;
  readonly valid: boolean;
  readonly comment: string | null;
  /** Whether it is that of an exclusion constraint. */
  readonly exclusion: boolean;
  readonly parts: readonly IndexPartRow[];
}

/** A part of an index; `key` is false for one that is only carried. */
export interface IndexPartRow {
  readonly key: boolean;
  readonly column: string | null;
  readonly sql: string;
  readonly option: number;
  readonly operatorClass: string | null;
  readonly collation: string | null;
}

/** Whether a catalog's row was not brought by an extension. */
const own = (catalog: string, oid: string) =>
  `NOT EXISTS (SELECT FROM pg_depend e WHERE e.classid = '${catalog}'::regclass AND e.objid = ${oid} AND e.deptype = 'e')`;

/** Of the schemas in `$1`. */
const wanted = "n.nspname = ANY ($1::text[])";

/** The user's own schemas. */
export const schemasSql = `
SELECT n.nspname AS name FROM pg_namespace n
WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema' AND ${own("pg_namespace", "n.oid")}
ORDER BY 1`;

/** Tables and views. */
export const relationsSql = `
SELECT c.oid::int8::float8 AS oid, n.nspname AS schema, c.relname AS name, c.relkind::text AS kind,
  array_to_string(c.reloptions, ', ') AS options, c.relpersistence::text AS persistence,
  obj_description(c.oid, 'pg_class') AS comment,
  CASE WHEN c.relkind = 'p' THEN pg_get_partkeydef(c.oid) END AS "partitionKey",
  CASE WHEN c.relispartition THEN pg_get_expr(c.relpartbound, c.oid) END AS "partitionBound",
  (SELECT json_agg(json_build_object('schema', pn.nspname, 'name', p.relname) ORDER BY i.inhseqno)
   FROM pg_inherits i JOIN pg_class p ON p.oid = i.inhparent JOIN pg_namespace pn ON pn.oid = p.relnamespace
   WHERE i.inhrelid = c.oid) AS parents,
  CASE WHEN c.relkind IN ('v', 'm') THEN pg_get_viewdef(c.oid) END AS definition
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND ${wanted} AND ${own("pg_class", "c.oid")}
ORDER BY n.nspname, c.relname`;

const typeOf = (type: string, typmod: string) => `
  json_build_object('sql', format_type(${type}, ${typmod}), 'name', coalesce(el.typname, t.typname),
    'schema', tn.nspname, 'kind', coalesce(el.typtype, t.typtype), 'array', el.oid IS NOT NULL,
    'typmod', ${typmod})`;

const typeJoins = (type: string) => `
JOIN pg_type t ON t.oid = ${type}
LEFT JOIN pg_type el ON el.oid = t.typelem AND t.typcategory = 'A'
JOIN pg_namespace tn ON tn.oid = coalesce(el.typnamespace, t.typnamespace)`;

/** Columns of tables and views. */
export const columnsSql = `
SELECT a.attrelid::int8::float8 AS table, a.attname AS name, ${
  typeOf("a.atttypid", "a.atttypmod")
} AS type,
  a.attnotnull AS "notNull", pg_get_expr(d.adbin, d.adrelid) AS default,
  a.attidentity::text AS identity, a.attgenerated::text AS generated,
  CASE WHEN a.attcollation <> t.typcollation THEN co.collname END AS collation,
  col_description(a.attrelid, a.attnum) AS comment,
  d.oid IS NOT NULL AND EXISTS (SELECT FROM pg_depend o JOIN pg_class s ON s.oid = o.objid AND s.relkind = 'S'
    WHERE o.refobjid = a.attrelid AND o.refobjsubid = a.attnum AND o.deptype = 'a'
    AND o.classid = 'pg_class'::regclass
    AND EXISTS (SELECT FROM pg_depend u WHERE u.classid = 'pg_attrdef'::regclass AND u.objid = d.oid AND u.refobjid = s.oid))
    AS serial
FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
${typeJoins("a.atttypid")}
LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
LEFT JOIN pg_collation co ON co.oid = a.attcollation
WHERE a.attnum > 0 AND NOT a.attisdropped AND c.relkind IN ('r', 'p', 'v', 'm') AND ${wanted}
ORDER BY a.attrelid, a.attnum`;

const attributeNames = (relation: string, numbers: string) =>
  `(SELECT json_agg(ka.attname ORDER BY k.n) FROM unnest(${numbers}) WITH ORDINALITY k (num, n)
   JOIN pg_attribute ka ON ka.attrelid = ${relation} AND ka.attnum = k.num)`;

/** Constraints of tables; those that partitions have from their parents are left out. */
export const constraintsSql = `
SELECT c.conrelid::int8::float8 AS table, c.conname AS name, c.contype::text AS kind,
  coalesce(${attributeNames("c.conrelid", "c.conkey")}, '[]') AS columns,
  CASE WHEN c.contype IN ('p', 'u') AND i.indnatts > i.indnkeyatts
    THEN ${attributeNames("c.conrelid", "i.indkey[i.indnkeyatts : i.indnatts - 1]")} END AS include,
  (to_jsonb(i) ->> 'indnullsnotdistinct')::boolean AS "nullsNotDistinct",
  c.condeferrable AS deferrable, c.condeferred AS deferred, c.convalidated AS validated,
  CASE WHEN c.contype = 'c' THEN pg_get_expr(c.conbin, c.conrelid) END AS sql,
  fn.nspname AS "targetSchema", f.relname AS "targetTable", ${
  attributeNames("c.confrelid", "c.confkey")
} AS references,
  c.confdeltype::text AS "onDelete", c.confupdtype::text AS "onUpdate", c.confmatchtype::text AS match,
  c.conindid::int8::float8 AS index,
  (SELECT json_agg(op.oprname ORDER BY o.n) FROM unnest(c.conexclop) WITH ORDINALITY o (oid, n) JOIN pg_operator op ON op.oid = o.oid) AS operators
FROM pg_constraint c JOIN pg_class r ON r.oid = c.conrelid JOIN pg_namespace n ON n.oid = r.relnamespace
LEFT JOIN pg_class f ON f.oid = c.confrelid LEFT JOIN pg_namespace fn ON fn.oid = f.relnamespace
LEFT JOIN pg_index i ON i.indexrelid = c.conindid AND c.contype IN ('p', 'u')
WHERE c.contype IN ('p', 'u', 'c', 'f', 'x') AND c.conparentid = 0
  AND (c.conislocal OR c.contype <> 'c') AND ${wanted}
ORDER BY c.conrelid, c.conname`;

/** Indexes that are not those of keys; those that partitions have from their parents are left out. */
export const indexesSql = `
SELECT i.indexrelid::int8::float8 AS oid, i.indrelid::int8::float8 AS table, x.relname AS name, i.indisunique AS unique,
  am.amname AS method, pg_get_expr(i.indpred, i.indrelid) AS where, array_to_string(x.reloptions, ', ') AS options,
  (to_jsonb(i) ->> 'indnullsnotdistinct')::boolean AS "nullsNotDistinct", i.indisvalid AS valid,
  obj_description(x.oid, 'pg_class') AS comment, k.oid IS NOT NULL AS exclusion,
  (SELECT json_agg(json_build_object('key', p.n <= i.indnkeyatts, 'column', a.attname,
      'sql', pg_get_indexdef(i.indexrelid, p.n::int, false), 'option', coalesce(i.indoption[p.n - 1], 0),
      'operatorClass', CASE WHEN NOT oc.opcdefault THEN oc.opcname END,
      'collation', CASE WHEN co.oid IS DISTINCT FROM coalesce(a.attcollation, xa.attcollation) THEN co.collname END) ORDER BY p.n)
   FROM unnest(i.indkey) WITH ORDINALITY p (num, n)
   LEFT JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = p.num AND p.num > 0
   LEFT JOIN pg_attribute xa ON xa.attrelid = i.indexrelid AND xa.attnum = p.n
   LEFT JOIN pg_opclass oc ON oc.oid = i.indclass[p.n - 1]
   LEFT JOIN pg_collation co ON co.oid = nullif(i.indcollation[p.n - 1], 0)) AS parts
FROM pg_index i JOIN pg_class x ON x.oid = i.indexrelid JOIN pg_class c ON c.oid = i.indrelid
JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_am am ON am.oid = x.relam
LEFT JOIN pg_constraint k ON k.conindid = i.indexrelid AND k.contype = 'x'
WHERE NOT x.relispartition AND ${wanted}
  AND NOT EXISTS (SELECT FROM pg_constraint u WHERE u.conindid = i.indexrelid AND u.contype IN ('p', 'u'))
ORDER BY i.indrelid, x.relname`;

/** Enum types. */
export const enumsSql = `
SELECT n.nspname AS schema, t.typname AS name, obj_description(t.oid, 'pg_type') AS comment,
  (SELECT json_agg(e.enumlabel ORDER BY e.enumsortorder) FROM pg_enum e WHERE e.enumtypid = t.oid) AS values
FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace
WHERE t.typtype = 'e' AND ${wanted} AND ${own("pg_type", "t.oid")} ORDER BY 1, 2`;

/** Domains. */
export const domainsSql = `
SELECT n.nspname AS schema, d.typname AS name, obj_description(d.oid, 'pg_type') AS comment,
  ${
  typeOf("d.typbasetype", "d.typtypmod")
} AS type, d.typnotnull AS "notNull", d.typdefault AS default,
  (SELECT json_agg(json_build_object('name', c.conname, 'sql', pg_get_expr(c.conbin, 0)) ORDER BY c.conname)
   FROM pg_constraint c WHERE c.contypid = d.oid AND c.contype = 'c') AS checks
FROM pg_type d JOIN pg_namespace n ON n.oid = d.typnamespace ${typeJoins("d.typbasetype")}
WHERE d.typtype = 'd' AND ${wanted} AND ${own("pg_type", "d.oid")} ORDER BY 1, 2`;

/** Sequences that no column owns. */
export const sequencesSql = `
SELECT n.nspname AS schema, c.relname AS name,
  format('AS %s INCREMENT BY %s MINVALUE %s MAXVALUE %s START WITH %s CACHE %s%s', format_type(s.seqtypid, NULL),
    s.seqincrement, s.seqmin, s.seqmax, s.seqstart, s.seqcache, CASE WHEN s.seqcycle THEN ' CYCLE' ELSE '' END) AS sql
FROM pg_sequence s JOIN pg_class c ON c.oid = s.seqrelid JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE ${wanted} AND ${own("pg_class", "c.oid")} AND NOT EXISTS (SELECT FROM pg_depend d
  WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.refobjsubid > 0 AND d.deptype IN ('a', 'i')) ORDER BY 1, 2`;

/** Triggers. */
export const triggersSql = `
SELECT n.nspname AS schema, c.relname AS table, t.tgname AS name, pg_get_triggerdef(t.oid, true) AS sql
FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE NOT t.tgisinternal AND t.tgparentid = 0 AND ${wanted} ORDER BY 1, 2, 3`;

/** What there is no data for: it is told of. */
export const othersSql = `
SELECT 'extension' AS kind, n.nspname AS schema, e.extname::text AS name, NULL AS "table",
  format('CREATE EXTENSION %I', e.extname) AS sql
FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace WHERE e.extname <> 'plpgsql'
UNION ALL
SELECT CASE p.prokind WHEN 'p' THEN 'procedure' WHEN 'a' THEN 'aggregate' ELSE 'function' END, n.nspname,
  p.proname::text || '(' || pg_get_function_identity_arguments(p.oid) || ')', NULL,
  CASE WHEN p.prokind IN ('f', 'p', 'w') THEN pg_get_functiondef(p.oid) END
FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace WHERE ${wanted} AND ${
  own("pg_proc", "p.oid")
}
UNION ALL
SELECT 'rule', n.nspname, r.rulename, c.relname, pg_get_ruledef(r.oid)
FROM pg_rewrite r JOIN pg_class c ON c.oid = r.ev_class JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE r.rulename <> '_RETURN' AND ${wanted}
UNION ALL
SELECT 'policy', n.nspname, p.polname, c.relname, NULL
FROM pg_policy p JOIN pg_class c ON c.oid = p.polrelid JOIN pg_namespace n ON n.oid = c.relnamespace WHERE ${wanted}
UNION ALL
SELECT CASE t.typtype WHEN 'c' THEN 'composite type' WHEN 'r' THEN 'range type' ELSE 'base type' END, n.nspname, t.typname, NULL, NULL
FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace LEFT JOIN pg_class c ON c.oid = t.typrelid
WHERE (t.typtype = 'c' AND c.relkind = 'c' OR t.typtype = 'r' OR t.typtype = 'b' AND t.typcategory <> 'A')
  AND ${wanted} AND ${own("pg_type", "t.oid")}
UNION ALL
SELECT 'statistics', n.nspname, s.stxname, c.relname, pg_get_statisticsobjdef(s.oid)
FROM pg_statistic_ext s JOIN pg_class c ON c.oid = s.stxrelid JOIN pg_namespace n ON n.oid = s.stxnamespace WHERE ${wanted}
UNION ALL
SELECT 'foreign table', n.nspname, c.relname, NULL, NULL
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind = 'f' AND ${wanted}
UNION ALL
SELECT 'inheritance', n.nspname, c.relname, c.relname, NULL
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind = 'r' AND NOT c.relispartition AND ${wanted} AND EXISTS (SELECT FROM pg_inherits i WHERE i.inhrelid = c.oid)
UNION ALL
SELECT 'row security', n.nspname, c.relname, c.relname, NULL
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relrowsecurity AND ${wanted}
ORDER BY 1, 2, 3`;
