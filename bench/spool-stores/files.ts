import { pino } from 'pino'
import { encodeBatch } from '../../services/spool/spool-file.ts'
import { Spool } from '../../services/spool/spool.ts'
import type { StoreKind } from './store.ts'

function openSpool (dir: string, complaints: string[]): Spool {
  return new Spool({ dir, maxBytes: 2 ** 40, now: Date.now, log: pino({ level: 'error' }, { write: (line) => { complaints.push(line) } }) })
}

/** One file a batch: the spool as it is built. */
export const files: StoreKind = {
  name: 'one file a batch',
  async start (dir) {
    const spool = openSpool(dir, [])
    await spool.open()
    return { write: (batch) => spool.write(batch), close: async () => {} }
  },
  async read (dir) {
    const complaints: string[] = []
    const spool = openSpool(dir, complaints)
    await spool.open()
    const found = new Map<string, Buffer>()
    for (const entry of spool.entries()) {
      const batch = await spool.read(entry)
      if (batch !== undefined) found.set(entry.batchId, encodeBatch(batch))
    }
    return { complaints, found }
  }
}
