// For applications.
export { checkTable, type TableProblem } from './check-table.ts'
// For wrappers of clients.
export type { PgClient, PgQuery, PostgresClient, PostgresJs, RawQuery } from './client.ts'
export type { TableOptions } from './identifier.ts'
export { type MigrationOptions, migration } from './migration.ts'
export type { PostgresStoreOptions } from './options.ts'
export type { PgListener } from './pg-listening.ts'
export { type PostgresStore, postgresStore } from './postgres-store.ts'
export { type SweepOptions, sweepIdle } from './sweep.ts'
