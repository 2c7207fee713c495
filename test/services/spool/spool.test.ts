import fc from 'fast-check'
import { rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { placeId } from '../../../services/queue/batch.ts'
import { BLOCK_BYTES } from '../../../services/spool/spool-entry.ts'
import type { SpoolError } from '../../../services/spool/spool-error.ts'
import { byPriority } from '../queue/setup.ts'
import { batchOf, drained, filesIn, nextOf, startSpool } from './setup.ts'

t.test('gives back what was written, by priority and then by time', async (t) => {
  const { spool, clock } = await startSpool(t)
  const batches = [
    batchOf(2, 10),
    batchOf(1, 1),
    batchOf(3, 5),
    batchOf(1, 1, { nested: ['é', null, '\n'] }),
    batchOf(1, 10)
  ]
  for (const batch of batches) {
    await spool.write(batch)
    clock.now++
  }
  t.equal(spool.batches, 5)
  t.strictSame(spool.eventsByPriority, byPriority({ 1: 2, 5: 3, 10: 3 }))
  t.ok(batches.every(({ id }) => spool.has(id)))
  const ids = [1, 3, 2, 0, 4].map((index) => batches[index]?.id)
  t.strictSame([...spool.entries()].map(({ batchId }) => batchId), ids)
  t.strictSame(await drained(spool), [1, 3, 2, 0, 4].map((index) => batches[index]))
  t.match(spool, { batches: 0, bytes: 0 })
  t.strictSame(spool.eventsByPriority, byPriority({}))
  t.strictSame(spool.totals, { written: 8, drained: 8, damaged: 0, refused: { 'spool-full': 0, 'spool-unusable': 0 } })
})

t.test('a clock that is put back changes the order and loses nothing', async (t) => {
  const { spool, clock } = await startSpool(t)
  const [late, early, middle] = [batchOf(1), batchOf(1), batchOf(1)]
  await spool.write(late)
  clock.now -= 5_000
  await spool.write(early)
  clock.now += 1_000
  await spool.write(middle)
  t.strictSame((await drained(spool)).map(({ id }) => id), [early.id, middle.id, late.id])
})

t.test('a batch that is written again is there once', async (t) => {
  const { spool, dir } = await startSpool(t)
  const batch = batchOf(2)
  await Promise.all([spool.write(batch), spool.write(batch)])
  await spool.write(batch)
  t.equal(filesIn(dir).length, 1)
  t.equal(spool.totals.written, 2)
})

t.test('folder and files are for nobody else', async (t) => {
  const { spool, dir } = await startSpool(t)
  await spool.write(batchOf(1))
  t.equal(statSync(dir).mode & 0o777, 0o700)
  t.strictSame(filesIn(dir).map((name) => statSync(join(dir, name)).mode & 0o777), [0o600])
})

t.test('the bound holds for writes that run side by side', async (t) => {
  const { spool, dir, lines } = await startSpool(t, { maxBytes: 5 * BLOCK_BYTES + 1 })
  const outcomes = await Promise.allSettled(Array.from({ length: 20 }, () => spool.write(batchOf(1))))
  t.equal(outcomes.filter(({ status }) => status === 'fulfilled').length, 5)
  const refusals = outcomes.flatMap((outcome) => outcome.status === 'rejected' ? [outcome.reason as SpoolError] : [])
  t.ok(refusals.every(({ code }) => code === 'spool-full'))
  t.match(refusals[0]?.message, `spool full: ${5 * BLOCK_BYTES} of ${5 * BLOCK_BYTES + 1} bytes`)
  t.equal(filesIn(dir).length, 5)
  t.match(spool, { bytes: 5 * BLOCK_BYTES, canWrite: false })
  t.equal(spool.totals.refused['spool-full'], 15)
  t.match(lines.filter(({ level }) => level === 50).map(({ event }) => event), ['spool-full'])
  await spool.remove(nextOf(spool)!)
  t.equal(spool.canWrite, true, 'there is room at once')
  await spool.write(batchOf(1))
})

t.test('a batch that does not fit is refused, one that fits is taken', async (t) => {
  const { spool } = await startSpool(t, { maxBytes: 3 * BLOCK_BYTES })
  await t.rejects(spool.write(batchOf(1, 1, 'x'.repeat(3 * BLOCK_BYTES))), { code: 'spool-full' })
  await spool.write(batchOf(1, 1, 'x'.repeat(BLOCK_BYTES)))
  t.equal(spool.bytes, 2 * BLOCK_BYTES)
})

t.test('an id that would not be a file name is a mistake of the caller', async (t) => {
  const { spool, dir } = await startSpool(t)
  for (const id of ['../1-1-0-a', '1-1-0-a/b', '1-1-0-', '11-1-0-a', '0-1-0-a', 'a', `1-1-0-${'a'.repeat(65)}`])
    await t.rejects(spool.write({ ...batchOf(1), id }), TypeError, id)
  t.strictSame(filesIn(dir), [])
  t.equal(spool.canWrite, true)
})

t.test('a restart finds everything, in order, and takes up where it was', async (t) => {
  const { spool, dir, clock } = await startSpool(t)
  const batches = Array.from({ length: 30 }, (_, index) => batchOf(1 + index % 3, 1 + index % 10))
  for (const batch of batches) {
    await spool.write(batch)
    clock.now++
  }
  const { spool: second, lines } = await startSpool(t, { dir })
  t.strictSame([...second.entries()], [...spool.entries()])
  t.strictSame(second.eventsByPriority, spool.eventsByPriority)
  t.match(second, { bytes: spool.bytes, batches: 30 })
  t.strictSame(lines, [])
  await second.remove(nextOf(second)!)
  const { spool: third } = await startSpool(t, { dir })
  t.strictSame(await drained(third), batches.toSorted((a, b) => a.priority - b.priority).slice(1))
})

t.test('what a killed process left half-written is removed', async (t) => {
  const { spool, dir } = await startSpool(t)
  const batch = batchOf(2)
  await spool.write(batch)
  const [name] = filesIn(dir) as [string]
  for (const length of [0, 1, 200])
    writeFileSync(join(dir, `${name.replace('1-2', `1-${length + 1}`)}.0f0f.writing`), 'x'.repeat(length))
  const { spool: second, lines } = await startSpool(t, { dir })
  t.strictSame(filesIn(dir), [name])
  t.strictSame(await drained(second), [batch])
  t.strictSame(lines, [])
})

t.test('two spools on one folder do not disturb each other', async (t) => {
  const { spool: one, dir, lines } = await startSpool(t)
  const { spool: other } = await startSpool(t, { dir })
  const batches = Array.from({ length: 40 }, () => batchOf(1))
  // Each opening removes what is half-written, that of the other included.
  await Promise.all([
    ...batches.map((batch, index) => (index % 2 === 0 ? one : other).write(batch)),
    ...Array.from({ length: 10 }, () => other.open()),
    ...Array.from({ length: 10 }, () => one.open())
  ])
  await Promise.all([one.open(), other.open()])
  t.strictSame([...one.entries()].map(({ batchId }) => batchId).toSorted(), batches.map(({ id }) => id).toSorted())
  t.strictSame([...other.entries()], [...one.entries()])
  const both = (await Promise.all([drained(one), drained(other)])).flat()
  t.strictSame(new Set(both.map(({ id }) => id)), new Set(batches.map(({ id }) => id)))
  t.match(one, { batches: 0, bytes: 0 })
  t.match(other, { batches: 0, bytes: 0 })
  t.strictSame(filesIn(dir), [])
  t.strictSame(lines, [], 'a file that the other was quicker with is no damage')
})

t.test('a folder that somebody removed is made again', async (t) => {
  const { spool, dir } = await startSpool(t)
  await spool.write(batchOf(1))
  rmSync(dir, { recursive: true })
  const batch = batchOf(1)
  await spool.write(batch)
  await spool.open()
  t.strictSame(await drained(spool), [batch])
})

t.test('finds an event by its key, after a restart too, until it leaves', async (t) => {
  const { spool, dir } = await startSpool(t)
  const plain = batchOf(1)
  const keyed = batchOf(3, 1, 'x', ['first', null, 'third'])
  await spool.write(plain)
  await spool.write(keyed)
  const { spool: second } = await startSpool(t, { dir })
  for (const present of [spool, second]) {
    t.equal(present.remembered('first')?.place, placeId(keyed.id, 0))
    t.equal(present.remembered('third')?.place, placeId(keyed.id, 2))
    t.equal(present.remembered('other'), undefined)
  }
  t.strictSame(await drained(second), [plain, keyed], 'the keys come back with the batch')
  t.equal(second.remembered('first'), undefined)
})

t.test('whatever is written and removed, order, sums and bound are those of a sorted list', async (t) => {
  const step = fc.oneof(
    {
      weight: 3,
      arbitrary: fc.record({
        priority: fc.integer({ min: 1, max: 10 }),
        count: fc.integer({ min: 1, max: 5 }),
        length: fc.nat(6_000),
        ahead: fc.integer({ min: -3, max: 3 })
      })
    },
    { weight: 1, arbitrary: fc.constant('remove' as const) },
    { weight: 1, arbitrary: fc.constant('restart' as const) }
  )
  const folder = t.testdir()
  let run = 0
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
      const options = { dir: join(folder, `run-${run++}`), maxBytes: 12 * BLOCK_BYTES }
      let { spool, clock } = await startSpool(t, options)
      let model: { id: string, priority: number, at: number, count: number, name: string }[] = []
      const order = () => {
        model = model.toSorted((a, b) => a.priority - b.priority || a.at - b.at || (a.name < b.name ? -1 : 1))
        return model
      }
      for (const step of steps) {
        if (step === 'restart') {
          const { now } = clock
          ;({ spool, clock } = await startSpool(t, options))
          clock.now = now
        } else if (step === 'remove') {
          const entry = nextOf(spool)
          if (entry !== undefined) await spool.remove(entry)
          if (entry?.batchId !== order().shift()?.id) return false
        } else {
          clock.now += step.ahead
          const batch = batchOf(step.count, step.priority, 'x'.repeat(step.length))
          const isTaken = await spool.write(batch).then(() => true, () => false)
          const name = filesIn(options.dir).find((file) => file.includes(batch.id))
          if (isTaken !== (name !== undefined)) return false
          if (isTaken)
            model.push({
              id: batch.id,
              priority: step.priority,
              at: clock.now,
              count: step.count,
              name: name as string
            })
        }
        const events = byPriority({})
        for (const { priority, count } of model) events[priority]! += count
        const isRight =
          order().map(({ id }) => id).join() === [...spool.entries()].map(({ batchId }) => batchId).join() &&
          spool.eventsByPriority.join() === events.join() && spool.batches === model.length &&
          spool.bytes <= options.maxBytes
        if (!isRight) return false
      }
      return true
    }),
    { numRuns: 60 }
  )
})

t.test('events keep their traces', async (t) => {
  const { spool } = await startSpool(t)
  const trace = { traceparent: `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`, tracestate: 'k=v' }
  const batch = batchOf(2)
  batch.events[1]!.trace = trace
  await spool.write(batch)
  t.strictSame((await drained(spool))[0]?.events.map((event) => event.trace), [undefined, trace])
})
