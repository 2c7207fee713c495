import { setImmediate as nextTurn } from 'node:timers/promises'
import t from 'tap'
import { patientWrite, type PatienceOptions } from '../../../services/intake/patient-write.ts'
import type { Batch } from '../../../services/queue/batch.ts'
import { UnconfirmedError } from '../../../services/queue/unconfirmed-error.ts'
import { batchOf } from '../queue/setup.ts'

const AWAY = new Error('away')
const FULL = new Error('full')
const UNCONFIRMED = new UnconfirmedError(AWAY)

/**
 * A patient write to a queue that answers these one after the other; what is known of it is in the hand of the test.
 */
function start (ends: readonly (Error | 'stored')[], options: Partial<PatienceOptions> = {}) {
  const known = { isThere: true }
  const written: Batch[] = []
  let news = Promise.withResolvers<void>()
  const stop = new AbortController()
  const write = patientWrite(async (batch) => {
    const end = ends[written.push(batch) - 1]
    if (end instanceof Error) throw end
    return end
  }, {
    patienceMs: 3_600_000,
    isAbsence: (error) => error !== FULL,
    isQueueThere: () => known.isThere,
    nextSignals: () => news.promise,
    stopped: stop.signal,
    ...options
  })
  /** Tells whether the queue is there, as a reading of it does, and lets it be acted on. */
  const tell = async (isThere: boolean) => {
    known.isThere = isThere
    news.resolve()
    news = Promise.withResolvers()
    await nextTurn()
  }
  return { batch: batchOf(1), write: (batch: Batch) => write(batch, () => {}), written, tell, stop }
}

t.test('a write that is stored at once is made once', async (t) => {
  const { batch, write, written } = start(['stored'])
  t.equal(await write(batch), 'stored')
  t.strictSame(written, [batch])
})

t.test('offers the very same batch again each time that the queue is there again, and not before', async (t) => {
  const { batch, write, written, tell } = start([AWAY, UNCONFIRMED, 'stored'])
  const stored = write(batch)
  await nextTurn()
  t.equal(written.length, 1, 'what was known when it failed counts for nothing')
  for (const [isThere, times] of [[false, 1], [false, 1], [true, 2], [false, 2], [true, 3]] as const) {
    await tell(isThere)
    t.equal(written.length, times)
  }
  t.equal(await stored, 'stored')
  t.ok(written.every((one) => one === batch))
})

t.test('does not wait for a queue that is there and refuses', async (t) => {
  const { batch, write, written } = start([FULL])
  await t.rejects(write(batch), FULL)
  t.equal(written.length, 1)
})

t.test('gives up once its patience is over, or without any, with what the queue said last', async (t) => {
  for (const patienceMs of [0, 1]) {
    const { batch, write, written } = start([AWAY], { patienceMs })
    await t.rejects(write(batch), AWAY)
    t.equal(written.length, 1, `${patienceMs} ms`)
  }
})

t.test('its patience is for all waits together', async (t) => {
  const { batch, write, tell } = start([AWAY, AWAY, AWAY], { patienceMs: 200 })
  const refused = write(batch).then(() => 'stored', (error: unknown) => error)
  await nextTurn()
  await tell(true)
  t.equal(await refused, AWAY)
})

t.test('does not wait when nobody is to wait any more', async (t) => {
  const { batch, write, written, tell, stop } = start([AWAY])
  const refused = write(batch).then(() => 'stored', (error: unknown) => error)
  await nextTurn()
  stop.abort()
  await tell(false)
  t.equal(await refused, AWAY)
  t.equal(written.length, 1)
})

t.test('a batch that may be stored since one of its tries stays so, whatever the others say', async (t) => {
  for (const last of [FULL, AWAY]) {
    const { batch, write, tell } = start([UNCONFIRMED, last], { patienceMs: last === AWAY ? 200 : 3_600_000 })
    const refused = write(batch).then(() => 'stored', (error: unknown) => error)
    await nextTurn()
    await tell(true)
    t.match(await refused, { code: 'unconfirmed', cause: last })
  }
  const { batch, write } = start([UNCONFIRMED], { patienceMs: 0 })
  await t.rejects(write(batch), UNCONFIRMED)
})
