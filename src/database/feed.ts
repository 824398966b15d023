/**
 * Opens the change feed of a database.
 *
 * @module
 */
import { ConfigError, UnsupportedError } from "../base/errors.ts";
import { ChangeFeed, type FeedOptions } from "../change/feed.ts";
import type { ChangeSource, SourceConnection } from "../change/source.ts";
import type {
  LogSourceOptions,
  ReplicationSourceOptions,
  SourceHost,
} from "../dialect/change_support.ts";
import type { Dialect } from "../dialect/dialect.ts";
import type { ColumnType } from "../schema/column_type.ts";
import type { ChangeBroker } from "../features/realtime/broker/broker.ts";
import type { ChangeRelay } from "../features/realtime/broker/relay.ts";
import type { Engine } from "../engine/engine.ts";
import { ProcessSource } from "../engine/process_source.ts";

/** Which changes a feed tells, and how it gets them. */
export interface FeedSettings extends FeedOptions {
  /**
   * Where changes come from: what this process writes (`process`), the log that triggers write (`log`, made by
   * `db.schema.followChanges()`), logical replication (`replication`), or a source of your own, such as that of a
   * broker. Left out: the log where there is one, and else the process.
   */
  readonly source?: "process" | "log" | "replication" | ChangeSource;
  /** How the log is read and shortened. */
  readonly log?: LogSourceOptions;
  /** How replication is set up. */
  readonly replication?: ReplicationSourceOptions;
  /**
   * Read what a relay (`db.relay()`, in one process) puts into a broker, instead of the database. `source` and its
   * settings are then those of the relay.
   */
  readonly broker?: ChangeBroker;
}

/**
 * Opens a feed and waits until it tells all that is committed.
 *
 * @throws {UnsupportedError} when the database has no such source, or is not set up for it
 */
export async function openFeed(engine: Engine, settings: FeedSettings): Promise<ChangeFeed> {
  const source = await sourceOf(engine, settings);
  const { broker } = settings;
  const feed = new ChangeFeed(broker ? await outOf(broker, source) : source, settings);
  await feed.start();
  return feed;
}

async function outOf(broker: ChangeBroker, origin: ChangeSource): Promise<ChangeSource> {
  const { BrokerSource } = await import("../features/realtime/broker/source.ts");
  return new BrokerSource(broker, origin);
}

/** Begins to carry the changes of a database into a broker. */
export async function openRelay(
  engine: Engine,
  broker: ChangeBroker,
  settings: FeedSettings,
): Promise<ChangeRelay> {
  const { ChangeRelay } = await import("../features/realtime/broker/relay.ts");
  const relay = new ChangeRelay(await sourceOf(engine, settings), broker);
  await relay.start();
  return relay;
}

/** The source that the settings ask for. */
export async function sourceOf(engine: Engine, settings: FeedSettings): Promise<ChangeSource> {
  const { source } = settings;
  if (typeof source === "object") return source;
  if (source === "process") return new ProcessSource(engine.changes);
  const support = await engine.dialect.changeSupport?.();
  const host = sourceHost(engine);
  switch (source) {
    case undefined:
      return support && (await support.log.tables(host)).length > 0
        ? support.logSource(host, settings.log)
        : new ProcessSource(engine.changes);
    case "log":
      if (support) return support.logSource(host, settings.log);
      break;
    case "replication":
      if (support?.replicationSource) return support.replicationSource(host, settings.replication);
      break;
    default:
      throw new ConfigError(
        `Cannot open a feed: there is no source ${JSON.stringify(source)}`,
        { hint: `use "process", "log" or "replication"` },
      );
  }
  throw new UnsupportedError(`Cannot open a feed: ${engine.dialect.name} has no ${source}`, {
    hint: `use the source ${support ? '"log"' : '"process"'}`,
  });
}

/** Gives for each column type what turns a value of a row image into a program's; `null`: it is one already. */
export type ImageLoader = (type: ColumnType) => ((raw: unknown) => unknown) | null;

/** How the values in a source's row images become values of programs. */
export async function imageLoader(
  dialect: Dialect,
  { form }: Pick<ChangeSource, "form">,
): Promise<ImageLoader> {
  if (form === "value") return () => null;
  const support = await dialect.changeSupport?.();
  if (support) return (type) => support.loader(form, type);
  throw new UnsupportedError(
    `Cannot follow changes: ${dialect.name} has no values in the form ${form}`,
  );
}

function sourceHost(engine: Engine): SourceHost {
  const { isolationLevels } = engine.dialect.capabilities;
  const level = "repeatable read";
  const isolation = isolationLevels.includes(level) ? { isolation: level } as const : {};
  return {
    config: engine.config,
    execute: (sql, params) => engine.execute(sql, params),
    snapshot: <T>(work: (connection: SourceConnection) => Promise<T>) =>
      engine.transaction(work, { readOnly: true, ...isolation }),
    transaction: (work) => engine.transaction(work),
    onWrite: (listener) => engine.changes.onWrite(listener),
  };
}
