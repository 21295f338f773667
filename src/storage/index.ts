/**
 * Runs in browsers: saved in the origin-private file system or IndexedDB, and resumed to the same bits.
 * @module soft-actor-critic/storage
 */

export { openIndexedDbStorage } from './indexed-db.ts'
export { openOriginPrivateStorage } from './origin-private.ts'
export type { RunStorage } from './run-storage.ts'
export { restoreRun, type StoredMetrics, type StoredRun, storeRun } from './stored-run.ts'
