/**
 * What the table of positions leaves out, and why.
 *
 * @module
 */

/** The same for each of a list of names. */
function each(value: string, ...names: readonly string[]): Record<string, string> {
  return Object.fromEntries(names.join(" ").split(" ").map((name) => [name, value]));
}

/** Attacked where no statement is built: the file that does so. */
export const elsewhere: Readonly<Record<string, string>> = {
  ...each(
    "outside_test.ts",
    "ConfigLoader.loadConfig DatabaseFactory.createAdapter PostgresAdapter SQLiteAdapter",
    "parseDatabaseUrl Database#beginTransaction Scope#transaction",
    "Logger.info Logger.child Logger.configure consoleSink formatQuery printQueries",
    "PreciseDate.from Validate validateRecord isEmail isUrl oneOf",
    "snakeCase.table snakeCase.column snakeCase.joinTable snakeCase.foreignKey",
    "asIs.table asIs.column asIs.joinTable asIs.foreignKey",
  ),
  ...each(
    "migrations_test.ts",
    "SchemaEditor#createTable SchemaEditor#alterTable SchemaEditor#renameTable",
    "SchemaEditor#followChanges SchemaEditor#unfollowChanges",
    "SchemaEditor#dropTable SchemaEditor#createEnum SchemaEditor#introspect",
    "TableEditor#renameColumn TableEditor#dropIndex MigrationManager#applyMigration",
    "MigrationManager#rollbackMigration MigrationTracker#find compareSchemas writeMigrations",
    "writeSql pullModels MigrationGenerator.createMigration MigrationGenerator.createSqlMigration",
  ),
};

/** Not attacked: the reason. */
export const without: Readonly<Record<string, string>> = {
  ...each(
    "takes SQL from the programmer, as its documentation says",
    "QueryBuilder#selectRaw sql.raw",
  ),
  ...each(
    "takes nothing",
    "Database#connect Database#disconnect Database#commit Database#rollback Database#stats",
    "OpenTransaction#commit OpenTransaction#rollback QueryBuilder#distinct QueryBuilder#reset",
    "QueryBuilder#clone QueryBuilder#toNode SelectBuilder#distinct SelectBuilder#selectAll",
    "DeleteBuilder#allRows UpdateBuilder#allRows DeleteBuilder#returningAll",
    "UpdateBuilder#returningAll InsertBuilder#returningAll DeleteBuilder#toNode",
    "UpdateBuilder#toNode InsertBuilder#toNode Cte#toNode Expr#toNode WindowBuilder#toNode",
    "SqlFragment#toNode SqlFragment#as Expr#isNull Expr#isNotNull FunctionExpr#distinct",
    "Statement#toSQL ModelRegistry.getAllModels PreciseDate#toISOString PreciseDate#toJSON",
    "BaseModel#validate BaseModel#validateAsync fn.rowNumber fn.rank fn.denseRank uuidV7",
    "AfterDelete AfterInsert AfterLoad AfterUpdate BeforeDelete BeforeInsert BeforeUpdate",
    "BeforeValidate Policies#models",
  ),
  ...each("takes a key as Repository#delete does", "deleteAllowed"),
  ...each(
    "does what SchemaEditor does",
    "SchemaCreator#followChanges SchemaCreator#unfollowChanges",
  ),
  ...each("runs the query as Repository#find does", "Database#live"),
  ...each("names tables that are compared with others, in no statement", "Scope#recordUnseen"),
  ...each(
    "takes names of slots and publications, which are attacked where they are used: replication_test.ts",
    "Database#feed Database#relay",
  ),
  ...each(
    "takes nothing",
    "Database#liveQueries RealtimeSync#close RealtimeWebSocketServer#listen",
    "RealtimeWebSocketServer#start RealtimeWebSocketServer#close RealTimeEmitter",
  ),
  ...each(
    "takes one of two names and a callback or a model, and refuses all other names",
    "RealTimeEmitter#on RealTimeEmitter#once RealTimeEmitter#off RealTimeEmitter#emit",
    "RealTimeEmitter#listenerCount",
  ),
  ...each(
    "takes ports, names and texts of the programmer's that go over the network as JSON, and into no statement",
    "RealtimeSync RealtimeSync#publish RealtimeWebSocketServer RealtimeWebSocketServer#broadcast",
  ),
  ...each(
    "takes a callback",
    "Database#onQuery Database#onCommit Scope#afterCommit Scope#afterRollback",
    "SelectBuilder#distinctOn SelectBuilder#having FunctionExpr#over OneToMany",
    "DatabaseFactory.register ModelRegistry.configure development",
  ),
  ...each(
    "takes a model, query, expression or statement, whose texts were attacked when it was made",
    "QueryBuilder#union QueryBuilder#unionAll QueryBuilder#intersect QueryBuilder#except",
    "SelectBuilder#union SelectBuilder#unionAll SelectBuilder#intersect SelectBuilder#except",
    "FunctionExpr#filter WindowBuilder#partitionBy fn.count fn.sum fn.avg fn.max fn.lower",
    "fn.upper fn.trim fn.length fn.abs fn.lag fn.lead fn.firstValue fn.lastValue",
    "Scope#repository Scope#compile Scope#prepare Scope#run Scope#perform Scope#record",
    "isNodeSource tablesOf Repository#on exists notExists Policies#of",
  ),
  ...each(
    "runs what the positions build, as execute() does",
    "QueryBuilder#build QueryBuilder#toSQL QueryBuilder#explain Statement#explain",
    "SelectBuilder#stream SqlFragment#compile SqlFragment#stream WriteStatement#execute",
  ),
  ...each("takes the filter of find()", "Repository#restore"),
  ...each("takes the options of DatabaseFactory.createAdapter()", "connect Database"),
  ...each("takes the options of Database#beginTransaction", "OpenTransaction#beginTransaction"),
  ...each("takes options of time and signals only", "Database#ping"),
  ...each("does what Logger.info does", "Logger.debug Logger.warn Logger.error Logger.isEnabled"),
  ...each("does what @Validate() does", "ValidateMultiple"),
  ...each(
    "takes numbers, moments or a pattern of the programmer's",
    "isInteger matches max maxLength min minLength notEmpty PreciseDate",
  ),
  ...each(
    "is made by functions that are attacked, from nodes",
    "BaseModel ConditionBuilder ConditionBuilder#assign ConditionBuilder#append ConfigLoader Cte",
    "DatabaseFactory DeleteBuilder Expr Expr#value FunctionExpr InsertBuilder JsonExpr Logger",
    "ModelRegistry OpenTransaction Policies QueryBuilder SchemaCreator Scope SelectBuilder SqlFragment",
    "Statement TransactionScope UpdateBuilder WindowBuilder WriteStatement",
  ),
  ...each(
    "takes names and options as SchemaEditor#createTable does, through the same compiler",
    "SchemaEditor#dropEnum SchemaEditor#addEnumValue SchemaEditor#replaceEnum SchemaEditor#dropView",
    "ObjectEditor#createSchema ObjectEditor#dropSchema ObjectEditor#renameEnum",
    "ObjectEditor#renameEnumValue ObjectEditor#dropDomain ObjectEditor#dropSequence",
    "ObjectEditor#dropTrigger TableEditor#addColumn TableEditor#dropColumn TableEditor#alterColumn",
    "TableEditor#addPrimaryKey TableEditor#dropPrimaryKey TableEditor#addUnique",
    "TableEditor#addForeignKey TableEditor#addExclusion TableEditor#dropConstraint",
    "TableEditor#renameConstraint TableEditor#createIndex TableEditor#renameIndex",
    "TableEditor#setComment",
  ),
  ...each(
    "takes SQL from the programmer, as its documentation says; its names are quoted by the same compiler",
    "SchemaEditor#createView ObjectEditor#createDomain ObjectEditor#alterDomain",
    "ObjectEditor#createSequence ObjectEditor#alterSequence ObjectEditor#createTrigger",
    "TableEditor#addCheck TableEditor#setOptions",
  ),
  ...each(
    "takes names of migrations, as MigrationManager#applyMigration does",
    "MigrationManager#to MigrationManager#baseline MigrationManager#accept MigrationManager#forget",
    "MigrationManager#squash MigrationRunner#run MigrationRunner#rollback",
    "MigrationRunner#dryRunAll MigrationTracker#recordMigration MigrationTracker#removeMigration",
    "MigrationTracker#isMigrationApplied MigrationTracker#advance MigrationTracker#keepPlans",
    "MigrationTracker#finish MigrationTracker#setChecksum",
  ),
  ...each(
    "takes a folder, numbers or nothing",
    "Database#migrate MigrationManager#up MigrationManager#down MigrationManager#redo",
    "MigrationManager#dryRun MigrationManager#status MigrationManager#initialize",
    "MigrationManager#getAppliedMigrations MigrationTracker#initialize MigrationTracker#getHistory",
    "MigrationTracker#on",
  ),
  ...each(
    "takes schema data or steps, whose texts come to SQL by the compiler that is attacked",
    "SchemaEditor#apply SchemaEditor#plan SchemaEditor#change TableEditor#steps SchemaReader#read",
    "SchemaReader#canonical diffSchemas inverseRenames renameCandidates renamesOfModels",
    "schemaOfModels snapshotText readSnapshot defineConfig",
  ),
  ...each(
    "is made of sessions and folders",
    "MigrationGenerator MigrationManager MigrationRunner MigrationTracker ObjectEditor SchemaEditor",
    "SchemaReader TableEditor",
  ),
};
