import { setImmediate as nextTurn } from 'node:timers/promises'
import t from 'tap'
import type { StoredBatch } from '../../../services/intake/stored-batch.ts'
import { UnconfirmedError } from '../../../services/queue/unconfirmed-error.ts'
import { eventually } from '../../../rig/eventually.ts'
import { event, stored, QUEUED, type BusOptions, startBus, submitted } from './bus.ts'

t.test('answers a repeated event with the id of the first', async (t) => {
  const { bus, admission } = await startBus({
    write: async ({ events }) => ({ durability: 'queued', repeats: new Map([[events[0]!, stored('first')]]) })
  })
  t.strictSame(await bus.publish(event(), { key: 'k' }), { status: 'duplicate', id: 'first' })
  t.strictSame(admission.take(), { 'admission:received:normal': 1, 'admission:duplicate:normal': 1 })
})

t.test('an event in the spool is found there, under the id that it was answered with', async (t) => {
  const { bus, written } = await startBus({ spooled: { k: stored('place') } })
  t.strictSame(await bus.publish(event(), { key: 'k' }), { status: 'duplicate', id: 'place', durability: 'spooled' })
  t.strictSame(await bus.publish(event(5, ''), { key: 'k' }), {
    status: 'duplicate',
    id: 'place',
    durability: 'spooled'
  })
  t.equal(written.length, 0)
})

t.test('the same event at the same time is told to wait, and may come again whatever became of the first', async (t) => {
  for (const end of ['stored', 'failed'] as const) {
    const written = Promise.withResolvers<StoredBatch>()
    const { bus, admission } = await startBus({ write: () => written.promise })
    const first = bus.publish(event(), { key: 'k' })
    t.strictSame(await bus.publish(event(), { key: 'k' }), { status: 'in-flight' })
    t.strictSame(
      admission.take(),
      { 'admission:received:normal': 1, 'admission:duplicate:normal': 1 },
      'what is in progress is not booked'
    )
    await nextTurn()
    if (end === 'stored') written.resolve(QUEUED)
    else written.reject(new Error('Command timed out'))
    t.equal((await first).status, end === 'stored' ? 'accepted' : 'refused')
    t.not((await bus.publish(event(), { key: 'k' })).status, 'in-flight')
  }
})

t.test('the same event twice in one body shares one fate', async (t) => {
  for (const fails of [false, true]) {
    const { bus, written, admission } = await startBus({
      write: async () => {
        if (fails) throw new Error('gone')
        return QUEUED
      }
    })
    const [first, second] = [event(5, 'a'), event(5, 'a')].map((event) =>
      submitted(bus, event, { key: 'k', mayFollow: true })
    )
    await eventually('both were told', () => first!.length + second!.length === 2)
    t.equal(written[0]?.events.length, 1)
    if (fails) {
      t.match([first, second], [[{ refusal: { reason: 'queue-unavailable' } }], [{
        refusal: { reason: 'queue-unavailable' }
      }]])
      t.strictSame(admission.take(), {
        'admission:shed:normal': 2, 'admission:received:normal': 2, 'refused:queue-unavailable': 2
      })
    } else {
      t.strictSame([first, second], [[{ status: 'accepted', durability: 'queued' }], [{
        status: 'duplicate',
        id: 'a'
      }]])
      t.strictSame(admission.take(), {
        'admission:enqueued:normal': 1,
        'admission:duplicate:normal': 1,
        'admission:received:normal': 2
      })
    }
  }
})

t.test('a repetition never lowers what was promised, wherever the first is', async (t) => {
  const worse = event(7, 'e')
  const better = event(4, 'e')
  const other = { ...event(7, 'e'), type: 'y' }
  const conflict = (field: string) => ({ status: 'conflict', errors: [{ field, message: String }] })
  const table: [claim: string, options: BusOptions][] = [
    ['in the spool', { spooled: { k: stored('first', 5) } }],
    [
      'in the queue',
      {
        write: async ({ events }) => ({
          durability: 'queued', repeats: new Map(events.map((event) => [event, stored('first', 5)]))
        })
      }
    ]
  ]
  for (const [claim, options] of table) {
    const { bus, admission } = await startBus(options)
    t.match(
      await bus.publish(worse, { key: 'k' }), { status: 'duplicate', id: 'first' },
      `${claim}: a worse priority is a duplicate`
    )
    t.match(await bus.publish(better, { key: 'k' }), conflict('priority'), `${claim}: a better one is none`)
    t.match(await bus.publish(other, { key: 'k' }), conflict('type'), `${claim}: nor is another type`)
    t.match(await bus.publish({ ...better, type: 'y' }, { key: 'k' }), {
      errors: [{ field: 'type' }, { field: 'priority' }]
    })
    t.strictSame(admission.take(), {
      'admission:received:normal': 2,
      'admission:invalid:normal': 2,
      'admission:received:low': 2,
      'admission:duplicate:low': 1,
      'admission:invalid:low': 1
    })
  }
})

t.test('what contradicts an event on its way to a store learns whether that is stored', async (t) => {
  for (const mayFollow of [false, true]) {
    for (const end of ['stored', 'failed'] as const) {
      const written = Promise.withResolvers<StoredBatch>()
      const { bus, admission } = await startBus({ write: () => written.promise })
      const first = bus.publish(event(5), { key: 'k' })
      const better = bus.publish(event(4), { key: 'k', mayFollow })
      await nextTurn()
      if (end === 'stored') written.resolve(QUEUED)
      else written.reject(new Error('Command timed out'))
      t.match(
        [await first, await better],
        end === 'stored'
          ? [{ status: 'accepted' }, { status: 'conflict' }]
          : [{ status: 'refused' }, { status: 'refused' }]
      )
      t.equal(admission.take()['admission:received:normal'], 2)
    }
  }
})

t.test('says that an event may be stored of the one that was written and of repetitions of it, not of one that contradicts it', async (t) => {
  const written = Promise.withResolvers<StoredBatch>()
  const { bus } = await startBus({ write: () => written.promise })
  const offered = [event(5), event(5), event(4), { ...event(5), type: 'y' }].map((event) =>
    bus.publish(event, { key: 'k', mayFollow: true })
  )
  await nextTurn()
  written.reject(new UnconfirmedError(new Error('Command timed out')))
  t.strictSame(
    (await Promise.all(offered)).map((publication) =>
      publication.status === 'refused' && publication.refusal.mayBeStored === true
    ),
    [true, true, false, false]
  )
})
