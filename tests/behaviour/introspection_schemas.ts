/**
 * Schemas that hold a bit of everything.
 *
 * @module
 */

/** One of PostgreSQL. */
export const postgresScript: string = `
CREATE SCHEMA "Audit log";
CREATE TYPE mood AS ENUM ('low', 'it''s', 'high');
CREATE TYPE "Audit log".level AS ENUM ('a', 'b');
CREATE TYPE pair AS (a int, b int);
CREATE DOMAIN price AS numeric(10, 2) DEFAULT 0 NOT NULL CONSTRAINT positive CHECK (VALUE >= 0);
CREATE DOMAIN dearer AS price CHECK (VALUE >= 100);
CREATE SEQUENCE ticket AS integer INCREMENT BY 5 START WITH 10 CYCLE;
CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
CREATE TABLE users (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  email text COLLATE "C" NOT NULL,
  name varchar(80) DEFAULT 'rex_shadow.x' NOT NULL,
  mood mood DEFAULT 'it''s',
  moods mood[] DEFAULT '{low,high}'::mood[],
  cost price,
  tags text[] DEFAULT '{}',
  born date, seen timestamptz(3) DEFAULT now(),
  number integer DEFAULT nextval('ticket'),
  lower_email text GENERATED ALWAYS AS (lower(email)) STORED,
  CONSTRAINT users_email UNIQUE (email) INCLUDE (name),
  CONSTRAINT users_name UNIQUE NULLS NOT DISTINCT (name, born) DEFERRABLE INITIALLY DEFERRED,
  CONSTRAINT adult CHECK (born < '2008-01-01' OR mood = 'low')
) WITH (fillfactor=80, autovacuum_enabled=false);
COMMENT ON TABLE users IS 'who it''s for';
COMMENT ON COLUMN users.email IS 'their \\address';
CREATE INDEX users_lower ON users (lower(email) DESC NULLS LAST, name text_pattern_ops) WHERE mood = 'high';
CREATE INDEX users_tags ON users USING gin (tags) WITH (fastupdate=off);
COMMENT ON INDEX users_tags IS 'by tag';
CREATE UNIQUE INDEX users_born ON users (born NULLS FIRST) INCLUDE (name) NULLS NOT DISTINCT;
CREATE TABLE "Audit log"."Entry" (
  a integer, b integer, level "Audit log".level NOT NULL DEFAULT 'a', user_id bigint,
  number serial, during int4range,
  PRIMARY KEY (b, a),
  CONSTRAINT by_user FOREIGN KEY (user_id) REFERENCES users ON DELETE SET NULL ON UPDATE CASCADE DEFERRABLE,
  CONSTRAINT itself FOREIGN KEY (a, b) REFERENCES "Audit log"."Entry" (b, a) MATCH FULL ON DELETE SET DEFAULT,
  CONSTRAINT apart EXCLUDE USING gist (during WITH &&) WHERE (a > 0) DEFERRABLE INITIALLY DEFERRED
);
CREATE TABLE measures (id bigint NOT NULL, day date NOT NULL, value double precision, PRIMARY KEY (id, day)) PARTITION BY RANGE (day);
CREATE TABLE measures_2026 PARTITION OF measures FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
CREATE TABLE measures_rest PARTITION OF measures DEFAULT;
CREATE INDEX measures_value ON measures (value);
CREATE VIEW lows AS SELECT u.id, u.name FROM users u WHERE mood = 'low';
CREATE VIEW a_lows AS SELECT name, "Audit log"."Entry".level FROM lows JOIN "Audit log"."Entry" ON user_id = id;
COMMENT ON VIEW lows IS 'the sad';
CREATE MATERIALIZED VIEW counts AS SELECT mood, count(*) AS n FROM users GROUP BY mood;
CREATE UNIQUE INDEX counts_mood ON counts (mood);
CREATE TRIGGER touched BEFORE UPDATE OF name ON users FOR EACH ROW WHEN (OLD.name <> NEW.name) EXECUTE FUNCTION touch();
CREATE TRIGGER touched AFTER INSERT ON "Audit log"."Entry" FOR EACH ROW EXECUTE FUNCTION touch();
`;

/** One of SQLite. */
export const sqliteScript: string = `
CREATE TABLE users (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  "e mail" TEXT COLLATE NOCASE NOT NULL UNIQUE ON CONFLICT IGNORE, -- where to
  price DECIMAL(10, 2) DEFAULT 0 CHECK (price >= 0),
  seen DATETIME DEFAULT CURRENT_TIMESTAMP, note, -- free
  shout TEXT GENERATED ALWAYS AS (upper("e mail")) VIRTUAL,
  parent REFERENCES users ON DELETE SET NULL DEFERRABLE INITIALLY DEFERRED,
  CONSTRAINT short CHECK (length(note) < 80)
);
CREATE TABLE codes (a TEXT, b INT, PRIMARY KEY (b, a)) WITHOUT ROWID, STRICT;
CREATE TABLE uses (id INTEGER PRIMARY KEY, a TEXT, b INT, FOREIGN KEY (b, a) REFERENCES codes ON UPDATE CASCADE) STRICT;
CREATE UNIQUE INDEX users_mail ON users (lower("e mail") DESC, seen COLLATE RTRIM) WHERE price > 0;
CREATE VIEW dear AS SELECT id, "e mail" AS mail FROM users WHERE price > 10;
CREATE VIEW a_dear (m) AS SELECT mail FROM dear;
CREATE TRIGGER seen AFTER UPDATE OF note ON users BEGIN UPDATE users SET seen = CURRENT_TIMESTAMP WHERE id = NEW.id; END;
CREATE VIRTUAL TABLE found USING fts5(text);
`;
