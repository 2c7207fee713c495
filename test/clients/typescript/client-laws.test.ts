import t from 'tap'
import fc from 'fast-check'
import { SpillwayClient, type SendResult } from '../../../clients/typescript/client.ts'
import { classOf } from '../../../clients/typescript/event.ts'
import { SimulatedClock, SimulatedService, type Treatment } from './simulation.ts'

const BUDGET = { ratio: 0.2, perSecond: 2, capacity: 10 }
const MOST_EVENTS = 30
const MOST_BYTES = 2_000

const seconds = fc.integer({ min: 0, max: 120 })
const treatment: fc.Arbitrary<Treatment> = fc.oneof(
  fc.constant<Treatment>({ kind: 'accept' }),
  fc.tuple(seconds, fc.boolean()).map(([seconds, isEarly]): Treatment => ({ kind: 'shed', seconds, isEarly })),
  seconds.map((seconds): Treatment => ({ kind: 'shed-some', seconds })),
  seconds.map((seconds): Treatment => ({ kind: 'quota', seconds })),
  fc.boolean().map((isStored): Treatment => ({ kind: 'lost', isStored })),
  fc.constantFrom(400, 401, 413, 500, 502).map((status): Treatment => ({ kind: 'error', status })),
  fc.constant<Treatment>({ kind: 'garbage' })
)
/** Sent together, or after the clock went on to its next timer. */
const sends = fc.array(
  fc.record({
    priority: fc.integer({ min: 1, max: 10 }),
    length: fc.integer({ min: 0, max: 300 }),
    isLater: fc.boolean()
  }),
  { maxLength: 60 }
)

interface Run {
  service: SimulatedService
  results: Map<string, SendResult>
  largest: { events: number, bytes: number }
  endedAt: number
  sent: Map<string, number>
}

async function run (
  script: readonly Treatment[],
  wanted: readonly { priority: number, length: number, isLater: boolean }[],
  random: number
): Promise<Run> {
  const clock = new SimulatedClock()
  const service = new SimulatedService(clock, script)
  const client = new SpillwayClient({
    url: 'http://service',
    clock,
    fetch: service.fetch,
    random: () => random,
    maxBatchEvents: 8,
    maxSpoolEvents: MOST_EVENTS,
    maxSpoolBytes: MOST_BYTES,
    retryBudget: BUDGET
  })
  const results = new Map<string, SendResult>()
  const sent = new Map<string, number>()
  const largest = { events: 0, bytes: 0 }
  for (const [index, { priority, length, isLater }] of wanted.entries()) {
    const before = clock.now()
    if (isLater) await clock.runUntil(() => clock.now() > before || clock.timers === 0)
    const id = `event-${index}`
    sent.set(id, priority)
    void client.send({ type: 'reading', payload: 'x'.repeat(length), priority, id }).then((result) =>
      results.set(id, result)
    )
    largest.events = Math.max(largest.events, client.pending.events)
    largest.bytes = Math.max(largest.bytes, client.pending.bytes)
  }
  await clock.runUntil(() => results.size === wanted.length)
  return { service, results, largest, endedAt: clock.now(), sent }
}

const laws: [name: string, check: (run: Run) => void][] = [
  ['there are never more retries than the budget has', ({ service, endedAt }) => {
    const attempts = service.requests.flatMap(({ ids }) => ids)
    const retries = attempts.length - new Set(attempts).size
    const allowed = BUDGET.capacity + BUDGET.ratio * new Set(attempts).size + BUDGET.perSecond * endedAt / 1_000
    if (retries > allowed + 1e-6) throw new Error(`${retries} retries, ${allowed} allowed`)
  }],
  ['nothing of a class that was refused is sent before its Retry-After', ({ service, sent }) => {
    const place = (id: string) => classOf(sent.get(id) as number)
    for (const [index, { at, ids, treatment }] of service.requests.entries()) {
      if (!('seconds' in treatment) || (treatment.kind === 'shed-some' && ids.length < 2)) continue
      // The answer takes 5 ms; what was in progress already does not count.
      const early = service.requests.slice(index + 1).find((later) =>
        later.at > at + 5 && later.at < at + 5 + treatment.seconds * 1_000 &&
        place(later.ids[0] as string) >= place(ids[0] as string)
      )
      if (early !== undefined) throw new Error(`sent at ${early.at}, refused for ${treatment.seconds} s at ${at}`)
    }
  }],
  ['what is acknowledged is stored, under the id that it was sent with', ({ service, results }) => {
    for (const [id, result] of results) {
      if (result.id !== id) throw new Error(`${id} was answered as ${result.id}`)
      if ((result.status === 'accepted' || result.status === 'duplicate') && !service.stored.has(id))
        throw new Error(`${id} is not stored`)
    }
  }],
  ['what is stored is never said to be unstored', ({ service, results }) => {
    for (const id of service.stored) {
      const status = results.get(id)?.status
      if (status === 'shed' || status === 'unsent') throw new Error(`${id} is stored and said to be ${status}`)
    }
  }],
  ['no request holds events of two classes', ({ service, sent }) => {
    for (const { ids } of service.requests) {
      if (new Set(ids.map((id) => classOf(sent.get(id) as number))).size > 1) throw new Error(ids.join())
    }
  }],
  ['the bounds of the spool hold', ({ largest }) => {
    if (largest.events > MOST_EVENTS || largest.bytes > MOST_BYTES) throw new Error(JSON.stringify(largest))
  }]
]

t.test('whatever the service answers', async (t) => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(treatment, { maxLength: 25 }),
      sends,
      fc.double({ min: 0, max: 0.99, noNaN: true }),
      async (script, wanted, random) => {
        const outcome = await run(script, wanted, random)
        for (const [name, check] of laws) {
          try {
            check(outcome)
          } catch (error) {
            throw new Error(name, { cause: error })
          }
        }
      }
    ),
    { numRuns: 150 }
  )
  for (const [name] of laws) t.pass(name)
})
