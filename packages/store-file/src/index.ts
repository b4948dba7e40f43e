// For applications.
export { type FileStore, fileStore } from './file-store.ts'
// For authors of tests.
export type { FileOperations } from './operations.ts'
export type { FileStoreOptions } from './options.ts'
export type { Identity } from './owner.ts'
