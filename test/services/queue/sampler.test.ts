import { setImmediate as nextTurn } from 'node:timers/promises'
import fc from 'fast-check'
import t from 'tap'
import { QueueSampler } from '../../../services/queue/sampler.ts'
import { connectPatiently } from '../../patient-connection.ts'
import { blockLoop } from '../../block-loop.ts'
import { eventually } from '../../../rig/eventually.ts'
import { startRedis } from '../../../rig/redis.ts'

const NEVER_MS = 1_000_000

/** A sampler of a queue whose answers are in the hand of the test. */
function startSampler (
  t: { teardown: (handler: () => Promise<void>) => unknown },
  { intervalMs = 1, isBehind = () => false, read }: {
    intervalMs?: number,
    isBehind?: (reading: number) => boolean,
    read?: () => Promise<number | undefined>
  } = {}
) {
  const calls: PromiseWithResolvers<number>[] = []
  const readings: number[] = []
  const losses: string[] = []
  const sampler = new QueueSampler<number>({
    read: read ?? (async () => {
      const call = Promise.withResolvers<number>()
      calls.push(call)
      return await call.promise
    }),
    intervalMs,
    isBehind,
    onReading: (reading) => { readings.push(reading) },
    onLost: ({ message }) => { losses.push(message) }
  })
  t.teardown(async () => {
    for (const call of calls) call.resolve(0)
    await sampler.stop()
  })
  return { sampler, calls, readings, losses }
}

t.test('reads at once and then at its interval', async (t) => {
  let reads = 0
  const { sampler, readings, losses } = startSampler(t, { read: async () => ++reads })
  sampler.start()
  t.equal(reads, 1)
  await eventually('it reads on', () => reads >= 3)
  t.strictSame(readings.slice(0, 3), [1, 2, 3])
  t.strictSame(losses, [])
})

t.test('starts once, however often it is told to', async (t) => {
  const { sampler, calls } = startSampler(t, { intervalMs: NEVER_MS })
  for (let start = 0; start < 3; start++) sampler.start()
  t.equal(calls.length, 1)
  calls[0]?.resolve(1)
  await nextTurn()
  sampler.start()
  t.equal(calls.length, 1)
})

t.test('stops once, before it has started too, and may start again', async (t) => {
  const { sampler, calls, readings } = startSampler(t, { intervalMs: NEVER_MS })
  await sampler.stop()
  sampler.start()
  calls[0]?.resolve(1)
  await Promise.all([sampler.stop(), sampler.stop()])
  t.strictSame(readings, [1])
  sampler.start()
  t.equal(calls.length, 2)
})

t.test('waits on stop for the reading in progress', async (t) => {
  const { sampler, calls, readings } = startSampler(t, { intervalMs: NEVER_MS })
  sampler.start()
  const state = { isStopped: false }
  const stopped = sampler.stop().finally(() => { state.isStopped = true })
  await nextTurn()
  t.equal(state.isStopped, false)
  calls[0]?.resolve(7)
  await stopped
  t.strictSame(readings, [7])
})

t.test('a reading that fails is lost, and the next one is tried', async (t) => {
  let reads = 0
  const { sampler, readings, losses } = startSampler(t, {
    read: async () => {
      if (++reads === 2) throw new Error('connection lost')
      return reads
    }
  })
  sampler.start()
  await eventually('it reads again', () => readings.length >= 2)
  t.strictSame(readings.slice(0, 2), [1, 3])
  t.strictSame(losses, ['connection lost'])
})

const LOST = 'no answer from the queue for more than 3 sample intervals'

t.test('a reading that does not come is lost after three intervals, and with each one after them', async (t) => {
  const { sampler, calls, readings, losses } = startSampler(t)
  sampler.start()
  await eventually('it is lost', () => losses.length >= 3)
  t.strictSame(losses.slice(0, 3), [LOST, LOST, LOST])
  t.equal(calls.length, 1, 'one reading at a time')
  const before = losses.length
  calls[0]?.resolve(1)
  await eventually('the next one is lost too', () => losses.length > before)
  t.strictSame(readings, [1], 'an answer counts whenever it comes')
  t.equal(calls.length, 2)
  t.equal(losses[before], LOST)
})

t.test('readings of another process replace its own, and their silence counts from the last of them', async (t) => {
  const state = { isFed: true, reads: 0 }
  const answer = Promise.withResolvers<number>()
  const { sampler, readings, losses } = startSampler(t, {
    intervalMs: 20,
    read: async () => {
      if (state.isFed) return undefined
      state.reads++
      return await answer.promise
    }
  })
  sampler.feed(1)
  t.strictSame(readings, [], 'not before it is started')
  sampler.start()
  for (let reading = 1; reading <= 5; reading++) {
    await nextTurn()
    sampler.feed(reading)
  }
  t.strictSame(readings, [1, 2, 3, 4, 5])
  t.equal(state.reads, 0)
  state.isFed = false
  await eventually('it is lost', () => losses.length > 0)
  t.strictSame([state.reads, losses[0]], [1, LOST])
  sampler.feed(6)
  t.equal(readings.at(-1), 6, 'though its own reading has no answer')
  answer.resolve(7)
})

t.test('a process that reads after a silence of others loses the queue before one that has just begun', async (t) => {
  const lost: string[] = []
  const state = { isFed: true }
  const answer = Promise.withResolvers<number>()
  const begin = (name: string) => {
    const sampler = new QueueSampler<number>({
      read: async () => state.isFed ? undefined : await answer.promise,
      intervalMs: 50, isBehind: () => false, onReading: () => {}, onLost: () => { lost.push(name) }
    })
    t.teardown(() => sampler.stop())
    sampler.start()
    return sampler
  }
  const [later, silent] = [begin('later'), begin('silent')]
  silent.feed(1)
  const since = performance.now()
  await eventually('three intervals of silence', () => performance.now() - since > 200)
  later.feed(1)
  state.isFed = false
  await eventually('both are lost', () => lost.includes('later'))
  t.equal(lost[0], 'silent')
  answer.resolve(1)
})

t.test('a process that is late in every turn does not take that for a queue that is lost', async (t) => {
  const redis = await startRedis(t)
  const connection = connectPatiently(redis.url)
  t.teardown(async () => connection.disconnect())
  await eventually('it is ready', () => connection.status === 'ready')
  const { sampler, readings, losses } = startSampler(t, {
    intervalMs: 50,
    // Two answers one after the other, as when the ledger is compared with the jobs first.
    read: async () => {
      await connection.ping()
      await nextTurn()
      await connection.ping()
      return 1
    }
  })
  sampler.start()
  for (let turn = 0; turn < 12; turn++) {
    await nextTurn()
    blockLoop(150)
  }
  await sampler.stop()
  t.strictSame(losses, [])
  t.ok(readings.length > 0)
})

t.test('reads on at once while it is behind, within a limit', async (t) => {
  for (const [behindFor, expected] of [[0, 1], [3, 4], [Infinity, 20]] as const) {
    let reads = 0
    const { sampler } = startSampler(t, {
      intervalMs: NEVER_MS,
      isBehind: () => reads <= behindFor,
      read: async () => ++reads
    })
    sampler.start()
    await sampler.stop()
    t.equal(reads, expected, `behind for ${behindFor}`)
  }
})

t.test('reads one at a time and not at all once it is stopped, in whatever order it is started and stopped', async (t) => {
  const command = fc.constantFrom('start', 'stop', 'turn')
  await t.resolves(fc.assert(fc.asyncProperty(fc.array(command, { maxLength: 15 }), async (commands) => {
    const state = { underWay: 0, most: 0, reads: 0 }
    const { sampler } = startSampler(t, {
      read: async () => {
        state.reads++
        state.most = Math.max(state.most, ++state.underWay)
        await nextTurn()
        state.underWay--
        return 0
      }
    })
    for (const command of commands) {
      if (command === 'start') sampler.start()
      else if (command === 'stop') void sampler.stop()
      else await nextTurn()
    }
    await sampler.stop()
    const { reads } = state
    for (let turn = 0; turn < 5; turn++) await nextTurn()
    return state.most <= 1 && state.reads === reads && state.underWay === 0
  }), { numRuns: 100 }))
})
