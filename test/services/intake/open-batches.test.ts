import fc from 'fast-check'
import t from 'tap'
import type { QueuedEvent } from '../../../services/event/event.ts'
import { OpenBatches, type OpenBatch } from '../../../services/intake/open-batches.ts'
import { FairOrder, type FairTerms } from '../../../services/organizations/fair-order.ts'

const MOST_EVENTS = 4
let created = 0
const event = (organizationId: string, type = 'x'): QueuedEvent => ({
  id: `e${created++}`, type, payload: null, priority: 5, receivedAt: '', organizationId
})

function startBatches (terms: Partial<FairTerms> = {}) {
  const fairOrder = new FairOrder({ mode: () => 'organizations', costOf: () => 1, weightOf: () => 1, ...terms })
  const batches = new OpenBatches<void>({ priority: 5, maxEvents: MOST_EVENTS, maxBytes: 1_000, fairOrder })
  const add = (...events: QueuedEvent[]) => {
    for (const one of events) batches.add(one, { bytes: 1 }, () => {})
  }
  const takeAll = () => {
    const taken: OpenBatch<void>[] = []
    for (let batch = batches.take(); batch !== undefined; batch = batches.take()) taken.push(batch)
    return taken
  }
  return { batches, fairOrder, add, takeAll }
}

const organizationsOf = ({ events }: OpenBatch<void>) => events.map(({ organizationId }) => organizationId).join('')

t.test('organizations without a backlog share batches, and one with a backlog has its own', async (t) => {
  const { batches, add, takeAll } = startBatches()
  for (let count = 0; count < 40; count++) add(event('f'))
  for (const batch of takeAll()) batches.written(batch)
  add(event('a'), event('f'), event('b'), event('f'), event('c'))
  t.strictSame(takeAll().map(organizationsOf), ['abc', 'ff'])
})

t.test('a batch tells what each of its flows is charged', async (t) => {
  const { add, takeAll } = startBatches({
    costOf: (type) => type === 'slow' ? 2 : 1, weightOf: (id) => id === 'b' ? 2 : 1
  })
  add(event('a'), event('a', 'slow'), event('b'))
  const [batch] = takeAll()
  t.match([...batch!.charges!.values()], [{ first: 1, whole: 3 }, { first: 0.5, whole: 0.5 }])
})

t.test('a batch has no more work than as many usual events, except for one event', async (t) => {
  const { add, takeAll } = startBatches({ costOf: (type) => type === 'slow' ? 100 : 1 })
  add(event('a', 'slow'), event('a', 'slow'), event('b'), event('b'))
  t.strictSame(takeAll().map(organizationsOf), ['a', 'a', 'bb'])
})

t.test('a batch with room waits for a write of its own group only', async (t) => {
  const { batches, add, takeAll } = startBatches()
  for (let count = 0; count < 40; count++) add(event('f'))
  for (const batch of takeAll()) batches.written(batch)
  add(event('f'))
  t.equal(takeAll().length, 1, 'the backlog is being written')
  add(event('f'), event('a'))
  t.strictSame(takeAll().map(organizationsOf), ['a'])
})

t.test('without a fair order all events share batches in the order in which they came', async (t) => {
  const { add, takeAll } = startBatches({ mode: () => 'off' })
  add(...Array.from('abacadaeb', (organizationId) => event(organizationId)))
  t.strictSame(takeAll().map(organizationsOf), ['abac', 'adae'])
})

t.test('whatever comes, events of a flow stay in order, none is lost, and there are few batches', async () => {
  const step = fc.record({
    organization: fc.nat(5), type: fc.nat(1), count: fc.nat(6), writes: fc.nat(2), ends: fc.nat(2), served: fc.nat(5)
  })
  fc.assert(fc.property(fc.array(step, { minLength: 1, maxLength: 80 }), fc.boolean(), (steps, hasTypes) => {
    const { batches, fairOrder, add } = startBatches({
      mode: () => hasTypes ? 'types' : 'organizations', costOf: (type) => type === 't1' ? 20 : 1
    })
    const all: QueuedEvent[] = []
    const writing: OpenBatch<void>[] = []
    const sent: QueuedEvent[] = []
    let now = 0
    const send = (): boolean => {
      const batch = batches.take()
      if (batch === undefined) return false
      writing.push(batch)
      sent.push(...batch.events)
      return batch.events.length <= MOST_EVENTS
    }
    for (const { organization, type, count, writes, ends, served } of steps) {
      const events = Array.from({ length: count }, () => event(`o${organization}`, `t${type}`))
      all.push(...events)
      add(...events)
      for (let write = 0; write < writes; write++) send()
      for (const batch of writing.splice(0, ends)) batches.written(batch)
      fairOrder.follow(5, now += served)
    }
    while (writing.length > 0 || sent.length < all.length) {
      for (const batch of writing.splice(0)) batches.written(batch)
      while (send());
    }
    const flowOf = ({ organizationId, type }: QueuedEvent) => hasTypes ? `${organizationId} ${type}` : organizationId
    const inOrder = (events: readonly QueuedEvent[]) =>
      JSON.stringify([...Map.groupBy(events.map(({ id, ...one }) => [flowOf({ id, ...one }), id]), ([flow]) => flow)]
        .toSorted(([one = ''], [other = '']) => one.localeCompare(other)))
    return inOrder(sent) === inOrder(all)
  }))
})
