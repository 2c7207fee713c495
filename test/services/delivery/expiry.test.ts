import t from 'tap'
import { HAND_OVER_MS } from '../../../services/event/expiry.ts'
import { EXPIRED } from '../../../services/event/outcome.ts'
import type { DeliveryClient } from '../../../services/delivery/delivery-client.ts'
import { event, idsOf, never, refuse, refuseAll, startClient } from './client.ts'
import { refusedUrl, startConsumer } from '../../../rig/consumer.ts'

const NOW = 1_750_000_000_000
const late = (id: string, leftMs: number) => event(id, { expiresAt: new Date(NOW + leftMs).toISOString() })
const statuses = ({ outcomes }: Awaited<ReturnType<DeliveryClient['deliver']>>) => outcomes.map(({ status }) => status)

t.test('sends no event that has less time left than a call needs', async (t) => {
  const consumer = await startConsumer(t)
  const { client } = startClient({ url: consumer.url, trustedNow: () => NOW })
  const events = [late('a', HAND_OVER_MS), event('b'), late('c', HAND_OVER_MS + 1), late('d', -1)]
  t.strictSame(statuses(await client.deliver(events, never())), ['expired', 'done', 'done', 'expired'])
  t.strictSame(consumer.calls.map(idsOf), [['b', 'c']])
  const expirytime = new Date(NOW + HAND_OVER_MS + 1).toISOString()
  t.match(JSON.parse(consumer.calls[0]!.body), [{ id: 'b' }, { expirytime }])
  t.strictSame(statuses(await client.deliver([late('e', 0)], never())), ['expired'])
  t.equal(consumer.calls.length, 1)
  t.equal(client.health.state, 'taking')
})

t.test('while culprits are searched for, events that expire are left out', async (t) => {
  const consumer = await startConsumer(t)
  let now = NOW
  refuse(consumer, 422, ['bad'])
  const { answer } = consumer
  consumer.answer = (...args) => {
    now += 1_000
    answer(...args)
  }
  const { client } = startClient({ url: consumer.url, trustedNow: () => now })
  const events = [late('first', 500), event('bad'), event('good'), late('last', 60_000)]
  t.strictSame(statuses(await client.deliver(events, never())), ['expired', 'dead', 'done', 'done'])
  t.equal(consumer.calls.flatMap(idsOf).filter((id) => id === 'first').length, 1)
})

t.test('an event that expires while the connection is made is not sent', async (t) => {
  const consumer = await startConsumer(t)
  let looks = 0
  // The third look is that of the connection: the deadline of one event has passed by then.
  const { client } = startClient({ url: consumer.url, trustedNow: () => ++looks > 2 ? NOW + 1_000 : NOW })
  t.strictSame(statuses(await client.deliver([late('a', 500), late('b', 60_000)], never())), ['expired', 'done'])
  t.strictSame(consumer.calls.map(idsOf), [['b']])
})

t.test('a consumer that fails and gets no call is not made to wait longer', async (t) => {
  const { client, clock } = startClient({ url: await refusedUrl(), trustedNow: () => NOW })
  await client.deliver([event('a')], never())
  const before = client.health
  t.not(before.state, 'taking')
  clock.now += 600_000
  t.strictSame(await client.deliver([late('b', 0)], never()), { outcomes: [EXPIRED] })
  t.strictSame(client.health, before)
})

t.test('an event that has expired does not go back with the others that a consumer refuses', async (t) => {
  const consumer = await startConsumer(t)
  refuseAll(consumer, 500)
  const { client } = startClient({ url: consumer.url, trustedNow: () => NOW })
  const result = await client.deliver([late('a', 0), event('b'), event('c'), event('d')], never())
  t.strictSame(statuses(result), ['expired', 'retry', 'retry', 'retry'])
})
