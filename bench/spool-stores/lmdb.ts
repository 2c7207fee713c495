import { encodeBatch } from '../../services/spool/spool-file.ts'
import { readEach, type StoreKind } from './store.ts'

/** The part of lmdb that is used. It is no dependency, so its types are not there. */
interface Database {
  put: (key: string, value: Uint8Array) => Promise<unknown>
  get: (key: string) => Uint8Array | undefined
  close: () => Promise<void>
}

/** lmdb, when it is installed. */
export async function loadLmdb (): Promise<StoreKind | undefined> {
  const name: string = 'lmdb'
  const lmdb = await import(name).catch(() => undefined) as { open: (options: object) => Database } | undefined
  if (lmdb === undefined) return undefined
  // Without overlapping syncs a put resolves only when its transaction is on the disk.
  const open = (path: string) => lmdb.open({ path, encoding: 'binary', overlappingSync: false })
  return {
    name: 'lmdb',
    async start (dir) {
      const database = open(dir)
      return { write: async (batch) => { await database.put(batch.id, encodeBatch(batch)) }, close: () => database.close() }
    },
    async read (dir, ids) {
      const database = open(dir)
      return readEach(ids, [], (id) => database.get(id))
    }
  }
}
