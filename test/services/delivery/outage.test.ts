import fc from 'fast-check'
import t from 'tap'
import type { DeliveryClient } from '../../../services/delivery/delivery-client.ts'
import { Delivery, type CallResult } from '../../../services/delivery/delivery.ts'
import { TAKING, type Health } from '../../../services/delivery/consumer-health.ts'
import { mostCallsOf } from '../../../services/delivery/split.ts'
import { event, eventsOf, idsOf, never, refuseAll, startClient } from './client.ts'
import { refusedUrl, startConsumer } from '../../../rig/consumer.ts'

const UNTOUCHED = { status: 'retry', countsAsAttempt: false, deferral: undefined }

/** Has three different batches refused, so that the client knows that the consumer fails. */
async function failThree (client: DeliveryClient, clock: { now: number }): Promise<void> {
  for (const name of ['x', 'y', 'z']) {
    clock.now++
    await client.deliver(eventsOf(8, name), never())
  }
}

t.test('makes no dead letter and uses up no attempt when a consumer refuses every batch, whatever the status', async (t) => {
  for (const status of [404, 401, 302, 413, 422, 429, 500, 503]) {
    const consumer = await startConsumer(t)
    refuseAll(consumer, status)
    const { client, clock } = startClient({ url: consumer.url })
    const singles = await Promise.all(
      Array.from({ length: 20 }, (_, index) => client.deliver([event(`s${index}`)], never()))
    )
    t.ok(
      singles.every(({ outcomes: [outcome] }) => outcome?.status === 'retry' && outcome.countsAsAttempt === false),
      `${status}`
    )
    t.equal(client.health.state, 'failing', `${status}`)
    t.ok(consumer.calls.length <= 20)
    clock.now += 60_000
    const calls = consumer.calls.length
    const { outcomes, pauseMs } = await client.deliver(eventsOf(20), never())
    t.equal(consumer.calls.length, calls + 1, 'one event asks')
    t.strictSame(idsOf(consumer.calls.at(-1)!).length, 1)
    t.match(outcomes, [{ countsAsAttempt: false, deferral: 'asking' }, ...Array.from({ length: 19 }, () => UNTOUCHED)])
    t.ok(pauseMs !== undefined && pauseMs >= 250)
  }
})

t.test('pauses for all after three different batches, in three calls for each', async (t) => {
  const consumer = await startConsumer(t)
  refuseAll(consumer, 503)
  const { client, clock } = startClient({ url: consumer.url })
  const pauses = []
  for (const name of ['x', 'y', 'z']) {
    clock.now++
    const result = await client.deliver(eventsOf(20, name), never())
    t.ok(result.outcomes.every((outcome) => outcome.status === 'retry' && outcome.countsAsAttempt === false))
    pauses.push(result.pauseMs)
  }
  t.strictSame(pauses, [undefined, undefined, 1_000])
  t.equal(consumer.calls.length, 9)
})

t.test('never pauses because of one event that is refused again and again', async (t) => {
  const consumer = await startConsumer(t)
  refuseAll(consumer, 503)
  const { client, clock } = startClient({ url: consumer.url })
  for (let count = 0; count < 10; count++) {
    clock.now += 60_000
    t.equal((await client.deliver([event('a', { deferrals: { count, sinceMs: 0 } })], never())).pauseMs, undefined)
  }
  t.equal(client.health.state, 'taking')
})

t.test('asks at growing gaps, far below an absurd Retry-After, and one success ends the pause', async (t) => {
  const consumer = await startConsumer(t)
  refuseAll(consumer, 503, { 'retry-after': '1000000000' })
  const { client, clock } = startClient({ url: consumer.url })
  await failThree(client, clock)
  const pauses = [client.health.pauseMs]
  for (let asked = 0; asked < 8; asked++) {
    clock.now += client.health.pauseMs
    pauses.push((await client.deliver(eventsOf(4), never())).pauseMs ?? 0)
  }
  t.strictSame(pauses, [5_000, 5_000, 5_000, 5_000, 5_000, 8_000, 16_000, 30_000, 30_000])
  consumer.answer = (_call, reply) => { reply.end() }
  clock.now += 30_000
  const calls = consumer.calls.length
  const result = await client.deliver(eventsOf(4), never())
  t.match(result, { outcomes: eventsOf(4).map(() => ({ status: 'done' })), endsPause: true })
  t.equal(consumer.calls.length, calls + 2, 'one event, then the rest')
  t.strictSame(await client.deliver([event('b')], never()), { outcomes: [{ status: 'done' }] })
})

t.test('lets one batch ask while the others wait for what it learns', async (t) => {
  const consumer = await startConsumer(t)
  refuseAll(consumer, 500)
  const { client, clock } = startClient({ url: consumer.url })
  await failThree(client, clock)
  clock.now += 250
  const before = consumer.calls.length
  const results = await Promise.all(['a', 'b', 'c'].map((id) => client.deliver([event(id)], never())))
  t.equal(consumer.calls.length, before + 1)
  t.strictSame(results.map(({ pauseMs }) => pauseMs), [500, 500, 500])
  t.match(results.slice(1).map(({ outcomes }) => outcomes[0]), [UNTOUCHED, UNTOUCHED])
  consumer.answer = (_call, reply) => { reply.end() }
  clock.now += 500
  const recovered = await Promise.all(['a', 'b', 'c'].map((id) => client.deliver([event(id)], never())))
  t.strictSame(recovered.map(({ outcomes }) => outcomes[0]?.status), ['done', 'done', 'done'])
})

t.test('asks with an event that has not asked yet, so that an outage costs no event its attempts', async (t) => {
  const consumer = await startConsumer(t)
  refuseAll(consumer, 503)
  const { client, clock } = startClient({ url: consumer.url })
  await failThree(client, clock)
  clock.now += 60_000
  await client.deliver(
    [
      event('a', { deferrals: { count: 2, sinceMs: 0 } }),
      event('b', { deferrals: { count: 1, sinceMs: 0 } }),
      event('c', { deferrals: { count: 1, sinceMs: 0 } })
    ],
    never()
  )
  t.strictSame(idsOf(consumer.calls.at(-1)!), ['b'])
})

t.test('puts batches back without setting a pause that an operator may have ended', async (t) => {
  const consumer = await startConsumer(t)
  refuseAll(consumer, 503)
  const { client, clock } = startClient({ url: consumer.url })
  await failThree(client, clock)
  const { outcomes, pauseMs } = await client.deliver([event('a')], never())
  t.match(outcomes, [{ ...UNTOUCHED, delayMs: 250 }])
  t.equal(pauseMs, undefined)
  consumer.answer = (_call, reply) => { reply.end() }
  clock.now += 250
  t.match(
    await client.deliver([event('a')], never()),
    { outcomes: [{ status: 'done' }], endsPause: true },
    'a batch that comes before the end of the pause asks'
  )
})

t.test('asks with one event first when another worker paused all', async (t) => {
  const consumer = await startConsumer(t)
  const { client } = startClient({ url: consumer.url })
  client.seePause(4_000)
  t.match(await client.deliver(eventsOf(3), never()), { endsPause: true })
  t.strictSame(consumer.calls.map((call) => idsOf(call).length), [1, 2])
})

t.test('a consumer that it cannot connect to is its own affair, and costs no attempt', async (t) => {
  const { client } = startClient({ url: await refusedUrl() })
  const { outcomes, pauseMs } = await client.deliver(eventsOf(3), never())
  t.match(outcomes, eventsOf(3).map(() => ({ ...UNTOUCHED, reason: 'delivery failed: ECONNREFUSED', delayMs: 0 })))
  t.equal(pauseMs, undefined, 'others go on')
  t.equal(client.health.state, 'out-of-reach')
})

t.test('a batch without an answer comes back by halves, until the event that causes it stands alone', async (t) => {
  const consumer = await startConsumer(t)
  consumer.answer = (call, reply, { socket }) => { if (idsOf(call).includes('e2')) socket.destroy(); else reply.end() }
  const { client, clock } = startClient({ url: consumer.url })
  let events = eventsOf(8)
  for (const halves of [[4, 4], [2, 2], [1, 1]]) {
    clock.now += 60_000
    const { outcomes } = await client.deliver(events, never())
    const delays = outcomes.map((outcome) => (outcome as { delayMs: number }).delayMs)
    const groups = [...new Set(delays)].map((delay) => events.filter((_, index) => delays[index] === delay))
    t.strictSame(groups.map(({ length }) => length), halves)
    t.strictSame([...new Set(delays)], [0, 1], 'at once')
    events = groups.find((group) => group.some(({ id }) => id === 'e2'))!
    await client.deliver(groups.find((group) => group !== events)!, never())
  }
  t.match((await client.deliver(events, never())).outcomes, [
    { status: 'retry', countsAsAttempt: false, deferral: 'own' }
  ])
  t.strictSame((await client.deliver([{ ...events[0]!, deferrals: { count: 1, sinceMs: 0 } }], never())).outcomes, [
    { status: 'retry', reason: 'delivery failed: ECONNRESET' }
  ])
})

t.test('gives each event one outcome, blames none for its batch, and keeps to its bound, whatever the consumer answers', async () => {
  const refusal = (fate: 'dead' | 'retry' | 'put-off'): CallResult => ({
    kind: 'refused',
    refusal: { fate, reason: fate }
  })
  const answers = fc.array(
    fc.constantFrom<CallResult | 'accepted'>(
      'accepted',
      'accepted',
      refusal('dead'),
      refusal('retry'),
      refusal('put-off'),
      { kind: 'failed', reason: 'reset', wasConnected: true },
      { kind: 'failed', reason: 'refused', wasConnected: false }
    ),
    { minLength: 1 }
  )
  await fc
    .assert(fc.asyncProperty(
      fc.integer({ min: 1, max: 60 }),
      answers,
      fc.boolean(),
      async (count, script, isAsking) => {
        let health: Health = isAsking ? { ...TAKING, state: 'failing' } : TAKING
        let calls = 0
        const alone = new Set<string>()
        const accepted = new Set<string>()
        const delivery = new Delivery({
          events: eventsOf(count),
          sizeLimit: undefined,
          timeoutMs: 1_000,
          elapsed: () => 0,
          onAsked: () => {},
          hasExpired: () => false,
          health: {
            get: () => health,
            set: (next) => {
              health = next
            }
          },
          call: async (some) => {
            const answer = script[calls++ % script.length] as CallResult | 'accepted'
            if (some.length === 1) alone.add(some[0]!.id)
            if (answer !== 'accepted') return answer
            for (const { id } of some) accepted.add(id)
            return { kind: 'decided', outcomes: some.map(() => ({ status: 'done' })) }
          }
        })
        const { outcomes } = await delivery.run(never())
        return calls <= mostCallsOf(count, 2) && outcomes.length === count && outcomes.every((outcome, index) => {
          const id = `e${index}`
          if (outcome === undefined) return false
          if ((outcome.status === 'done') !== accepted.has(id)) return false
          const isCharged = outcome.status === 'dead' ||
            (outcome.status === 'retry' && (outcome.countsAsAttempt !== false || outcome.deferral !== undefined))
          return !isCharged || alone.has(id)
        })
      }
    ))
})
