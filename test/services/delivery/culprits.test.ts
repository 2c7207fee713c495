import t from 'tap'
import { event, eventsOf, idsOf, never, refuse, refuseAll, startClient } from './client.ts'
import { startConsumer } from '../../../rig/consumer.ts'
import { mostCallsOf } from '../../../services/delivery/split.ts'

t.test('delivers the 19 others when one event of 20 is refused, whatever the status', async (t) => {
  const putOff = { status: 'retry', countsAsAttempt: false, deferral: 'own' }
  const outcomes: Record<number, object> = {
    503: putOff, 429: putOff,
    500: { status: 'retry' }, 408: { status: 'retry' }, 425: { status: 'retry' },
    400: { status: 'dead' },
    404: { status: 'dead' },
    413: { status: 'dead' },
    422: { status: 'dead' },
    302: { status: 'dead' }
  }
  for (const [status, outcome] of Object.entries(outcomes)) {
    for (const culprit of [0, 7, 13, 19]) {
      const consumer = await startConsumer(t)
      refuse(consumer, Number(status), [`e${culprit}`], { 'retry-after': '1000000000' })
      const { client } = startClient({ url: consumer.url })
      const result = await client.deliver(eventsOf(20), never())
      t.strictSame(
        result.outcomes.flatMap(({ status }, index) => (status === 'done' ? [] : [index])),
        [culprit],
        `${status} for event ${culprit}`
      )
      t.match(result.outcomes[culprit], { ...outcome, reason: `consumer answered ${status}` })
      t.notOk('pauseMs' in result, 'nobody waits')
      t.equal(client.health.state, 'taking')
      t.ok(consumer.calls.length <= 11, `${consumer.calls.length} calls`)
    }
  }
})

t.test('finds several culprits within its bound of calls, and puts the rest back without an attempt', async (t) => {
  const consumer = await startConsumer(t)
  const culprits = ['e3', 'e40', 'e41', 'e77', 'e90', 'e127']
  refuse(consumer, 422, culprits)
  const { client } = startClient({ url: consumer.url })
  const rounds = [eventsOf(128)]
  const dead = new Set<string>()
  const done = new Set<string>()
  for (let events = rounds.shift(); events !== undefined; events = rounds.shift()) {
    const before = consumer.calls.length
    const { outcomes } = await client.deliver(events, never())
    t.ok(consumer.calls.length - before <= mostCallsOf(events.length))
    const back = new Map<number, typeof events>()
    for (const [index, outcome] of outcomes.entries()) {
      const sent = events[index]!
      if (outcome.status === 'done') done.add(sent.id)
      else if (outcome.status === 'dead') dead.add(sent.id)
      else if (outcome.status === 'expired') t.fail('no event has a deadline')
      else {
        t.equal(outcome.countsAsAttempt, false)
        const group = back.get(outcome.delayMs ?? -1) ?? []
        group.push({ ...sent, ...(outcome.deferral && { deferrals: { count: 1, sinceMs: 0 } }) })
        back.set(outcome.delayMs ?? -1, group)
      }
    }
    rounds.push(...back.values())
  }
  t.strictSame([...dead].toSorted(), culprits.toSorted())
  t.equal(done.size, 122)
})

t.test('asks a second time about an event that was refused without anything accepted beside it', async (t) => {
  const consumer = await startConsumer(t)
  for (const [status, judged] of [[404, 'dead'], [500, 'retry']] as const) {
    refuseAll(consumer, status)
    const { client } = startClient({ url: consumer.url })
    t.match((await client.deliver([event('a')], never())).outcomes, [
      { status: 'retry', countsAsAttempt: false, deferral: 'own' }
    ])
    const [second] = (await client.deliver([event('a', { deferrals: { count: 1, sinceMs: 0 } })], never())).outcomes
    t.strictSame(second, { status: judged, reason: `consumer answered ${status}` })
  }
})

t.test('believes a refusal at once when another batch was accepted meanwhile', async (t) => {
  const consumer = await startConsumer(t)
  const other = Promise.withResolvers<void>()
  const { client, clock } = startClient({ url: consumer.url })
  consumer.answer = (call, reply) => {
    if (idsOf(call).includes('a')) void other.promise.then(() => reply.writeHead(400).end())
    else reply.end()
  }
  const refused = client.deliver([event('a')], never())
  clock.now++
  await client.deliver([event('b')], never())
  other.resolve()
  t.match(await refused, { outcomes: [{ status: 'dead' }] })
})

t.test('puts an event off for longer each time it is refused with a 503', async (t) => {
  const consumer = await startConsumer(t)
  refuseAll(consumer, 503)
  const { client } = startClient({ url: consumer.url })
  const delays = []
  for (const count of [0, 1, 4, 20]) {
    const { outcomes: [outcome] } = await client.deliver([event('a', { deferrals: { count, sinceMs: 0 } })], never())
    delays.push((outcome as { delayMs?: number }).delayMs)
  }
  t.strictSame(delays, [1_000, 1_000, 4_000, 60_000])
})

t.test('sends smaller calls after a 413, and finds one event that is too large without that', async (t) => {
  const consumer = await startConsumer(t)
  const refused: number[] = []
  consumer.answer = ({ body }, reply) => {
    if (body.length <= 2_000) return reply.end()
    refused.push(body.length)
    reply.writeHead(413).end()
  }
  const { client } = startClient({ url: consumer.url })
  const first = await client.deliver(eventsOf(14), never())
  t.ok(first.outcomes.every(({ status }) => status === 'done'))
  t.equal(refused.length, 1)
  for (let batch = 0; batch < 5; batch++) {
    t.ok((await client.deliver(eventsOf(14), never())).outcomes.every(({ status }) => status === 'done'))
  }
  t.equal(refused.length, 1, 'it has learned')

  const { client: other } = startClient({ url: consumer.url })
  const calls = consumer.calls.length
  const { outcomes } = await other.deliver(
    [...eventsOf(3), event('large', { payload: 'x'.repeat(3_000) }), ...eventsOf(3, 'f')],
    never()
  )
  t.strictSame(outcomes.map(({ status }) => status), ['done', 'done', 'done', 'dead', 'done', 'done', 'done'])
  const before = consumer.calls.length
  await other.deliver(eventsOf(7), never())
  t.ok(before > calls)
  t.equal(consumer.calls.length - before, 1, 'the others travel together as before')
})

t.test('begins no further call once the first took as long as a call may, and charges nobody', async (t) => {
  const consumer = await startConsumer(t)
  const { client, clock } = startClient({ url: consumer.url, timeoutMs: 60_000 })
  consumer.answer = (call, reply) => {
    clock.now += 60_000
    if (idsOf(call).length > 4) reply.writeHead(400).end()
    else reply.end()
  }
  const { outcomes } = await client.deliver(eventsOf(8), never())
  t.equal(consumer.calls.length, 1)
  t.ok(
    outcomes.every(
      (outcome) => outcome.status === 'retry' && outcome.countsAsAttempt === false && outcome.deferral === undefined
    )
  )
})
