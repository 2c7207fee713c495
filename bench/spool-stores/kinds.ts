import { files } from './files.ts'
import { loadLmdb } from './lmdb.ts'
import { sqlite, sqliteThread } from './sqlite.ts'
import type { StoreKind } from './store.ts'

/** All stores that can be measured here; the first is the one that the others are compared with. */
export async function storeKinds (): Promise<StoreKind[]> {
  const lmdb = await loadLmdb()
  return [files, sqlite('wal'), sqlite('delete'), sqliteThread('wal'), ...lmdb === undefined ? [] : [lmdb]]
}
