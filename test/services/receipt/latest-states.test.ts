import t from 'tap'
import type { KeptEvent } from '../../../services/history/latest-events.ts'
import { LatestStates } from '../../../services/receipt/latest-states.ts'
import type { ReceiptFinder } from '../../../services/receipt/receipt-finder.ts'

type Finding = Awaited<ReturnType<ReceiptFinder['find']>>

const event = (id: string): KeptEvent =>
  ({ id, type: 'a', priority: 5, receivedAt: '2026-03-01T12:00:00.000Z', payloadText: '1', isPayloadTooLong: false })

/** States over a finder that answers what `status` says, with what it was asked and a clock that the test turns. */
function startStates (status: (id: string) => string) {
  const asked: string[] = []
  const clock = { now: 0 }
  const find = async ({ id }: { id: string }) => {
    asked.push(id)
    return { id, status: status(id) } as Finding
  }
  return { states: new LatestStates({ find }, () => clock.now), asked, clock }
}

t.test('asks about an event at most once a second, and not again once it is done', async (t) => {
  const { states, asked, clock } = startStates((id) => id)
  const events = [event('done'), event('waiting')]
  t.strictSame(await states.of(events), ['done', 'waiting'])
  clock.now = 999
  t.strictSame(await states.of(events), ['done', 'waiting'])
  t.strictSame(asked, ['done', 'waiting'])
  clock.now = 1_000
  await states.of(events)
  t.strictSame(asked, ['done', 'waiting', 'waiting'])
})

t.test('answers all who ask at once from one look', async (t) => {
  const { states, asked } = startStates(() => 'waiting')
  const events = [event('1'), event('2')]
  const answers = await Promise.all(Array.from({ length: 20 }, () => states.of(events)))
  t.strictSame(answers, Array.from({ length: 20 }, () => ['waiting', 'waiting']))
  t.strictSame(asked, ['1', '2'])
})

t.test('asks a queue that is away once, not once for each event', async (t) => {
  const { states, asked } = startStates((id) => id === '2' ? 'unavailable' : 'waiting')
  t.strictSame(await states.of([event('1'), event('2'), event('3'), event('4')]), [
    'waiting',
    'unavailable',
    'unavailable',
    'unavailable'
  ])
  t.strictSame(asked, ['1', '2'])
})

t.test('goes on after a look that failed', async (t) => {
  let isBroken = true
  const { states } = startStates(() => {
    if (isBroken) throw new Error('broken')
    return 'waiting'
  })
  const events = [event('1')]
  await t.rejects(states.of(events), { message: 'broken' })
  isBroken = false
  t.strictSame(await states.of(events), ['waiting'])
})
