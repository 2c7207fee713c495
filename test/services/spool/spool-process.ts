/* Writes into a spool and drains it, and says so on its standard output, until it is killed. */
import { writeSync } from 'node:fs'
import { pino } from 'pino'
import { newBatch } from '../../../services/queue/batch.ts'
import { SpoolDrain } from '../../../services/spool/spool-drain.ts'
import { Spool } from '../../../services/spool/spool.ts'

const WRITERS = 4

const say = (what: string) => writeSync(1, `${what}\n`)
const log = pino({ level: 'silent' })
const spool = new Spool({
  dir: process.argv[2] as string, maxBytes: 2 ** 28, now: Date.now, monotonic: () => performance.now(), log
})
await spool.open()
const drain = new SpoolDrain({
  spool,
  room: () => Infinity,
  batchMaxEvents: 128,
  batchMaxBytes: 1_048_576,
  add: async (parts) => {
    for (const { id } of parts) say(`queued ${id}`)
  },
  eventsPerSecond: 1_000,
  now: Date.now,
  log
})
await Promise.all(Array.from({ length: WRITERS }, async () => {
  for (let round = 0; ; round++) {
    const batch = newBatch(1, [{ id: 'e', type: 'x', payload: 'x'.repeat(1_000), priority: 1, receivedAt: '' }])
    await spool.write(batch)
    say(`confirmed ${batch.id}`)
    if (round % 8 === 0) drain.begin()
  }
}))
