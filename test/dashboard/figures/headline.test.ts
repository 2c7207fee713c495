import fc from 'fast-check'
import t from 'tap'
import type { Incident, State } from '../../../dashboard/contract.d.ts'
import { headline, staleHeadline } from '../../../dashboard/figures/headline.js'
import { MEMORY, minutesAgo, testHeadlines } from './headline-cases.ts'
import { ADMITTED, ahead, incident, lostWith, NOW, refused, SPOOLED, stateWith } from './samples.ts'

const LOST = { critical: ADMITTED, normal: refused('queue-unavailable'), low: refused('queue-unavailable') }
const UNPROVEN = { isTrusted: false }

testHeadlines(t, [
  [{}, 'good', 'All is well: everything is admitted (circuit CLOSED, depth 120 of 50,000)'],
  [{ depth: 0 }, 'good', 'All is well: everything is admitted (circuit CLOSED, depth 0 of 50,000)'],
  [
    { forecast: [ahead(10_000, 300), ahead(60_000, 1_400)] },
    'good',
    'All is well: everything is admitted (circuit CLOSED, depth 120 of 50,000, about 1,400 expected in 60 s)'
  ],
  [
    { depth: 12_000, timeToDrainSeconds: null, breachMs: 41_000, forecast: [ahead(60_000, 52_000)] },
    'notice',
    'The forecast expects to shed low in about 41 s, everything is still admitted (depth 12,000 of 50,000, not draining)'
  ],
  [
    { depth: 12_000, timeToDrainSeconds: null },
    'notice',
    'Falling behind, everything is still admitted (depth 12,000 of 50,000, not draining)'
  ],
  [
    { forecast: [ahead(10_000, 300), ahead(30_000, 700), ahead(60_000, 1_400, UNPROVEN)] },
    'good',
    'All is well: everything is admitted (circuit CLOSED, depth 120 of 50,000, about 700 expected in 30 s)'
  ],
  [
    { forecast: [ahead(10_000, 300, UNPROVEN), ahead(60_000, 1_400, UNPROVEN)] },
    'good',
    'All is well: everything is admitted (circuit CLOSED, depth 120 of 50,000)'
  ],
  [
    { depth: 12_000, timeToDrainSeconds: null, forecast: [ahead(60_000, 14_000)] },
    'notice',
    'Falling behind, everything is still admitted (depth 12,000 of 50,000, not draining, about 14,000 expected in 60 s)'
  ],
  [
    { depth: 12_000, timeToDrainSeconds: 600 },
    'notice',
    'Falling behind, everything is still admitted (depth 12,000 of 50,000, drains in about 10 min)'
  ],
  [
    { memory: { ...MEMORY, usedBytes: 171 * 1_048_576 }, timeToDrainSeconds: 180 },
    'notice',
    'Redis is filling up, everything is still admitted (Redis holds 171 MiB of 179 MiB, depth 120 of 50,000, ' +
    'drains in about 3 min)'
  ],
  [
    { memory: { ...MEMORY, usedBytes: 100 * 1_048_576 } },
    'good',
    'All is well: everything is admitted (circuit CLOSED, depth 120 of 50,000)'
  ],
  [
    { depth: 120, keptShares: { critical: 1, normal: 1, low: 1 } },
    'good',
    'All is well: everything is admitted (circuit CLOSED, depth 120 of 50,000)'
  ],
  [{ mode: 'observe' }, 'good', 'Observing only: everything is admitted (circuit CLOSED, depth 120 of 50,000)']
])

const LOST_CASES: [changes: Partial<State>, text: string, incidents?: Incident[]][] = [
  [
    {},
    'Queue out of reach since 13:57: depth unknown (last known 1,008 at 14:01:00), low and normal are refused',
    [incident(minutesAgo(9), 'queue-lost'), incident(minutesAgo(5), 'queue-lost')]
  ],
  [
    { decisions: { ...LOST, critical: SPOOLED }, spool: { events: 31, bytes: 1, maxBytes: 2 } },
    'Queue out of reach: depth unknown (last known 1,008 at 14:01:00), low and normal are refused, critical goes ' +
    'to the spool, 31 events in the spool'
  ],
  [{ mode: 'observe', lastKnown: null }, 'Queue out of reach: depth unknown']
]

for (const [changes, text, incidents = []] of LOST_CASES) {
  t.test(text, async (t) => {
    t.strictSame(headline(lostWith({ decisions: LOST, ...changes }), incidents, { timeZone: 'UTC' }), {
      tone: 'bad', text
    })
  })
}

t.test('what was true when the stream broke is not said of now', async (t) => {
  t.strictSame(staleHeadline(headline(stateWith(), []), NOW, { timeZone: 'UTC' }), {
    tone: 'unknown',
    text:
      'No figures since 14:02:00. The last headline: All is well: everything is admitted (circuit CLOSED, depth ' +
      '120 of 50,000)'
  })
})

t.test('while organizations are above their limits, not everything is admitted', async (t) => {
  const run = (reason: string, to = NOW - 1_000) =>
    ({ from: NOW - 60_000, to, priorityClass: 'normal' as const, reason, events: 9 })
  const text = (changes: Partial<State>) => headline(stateWith(changes), []).text
  const observed = { ...stateWith().settings, further: [{ field: 'quotas.mode', value: 'observe', isSet: true }] }
  t.match(text({ refusals: [run('quota-exceeded')] }), /^All is well: everything within quotas is admitted/)
  t.match(
    text({ refusals: [run('fair-share'), run('quota-exceeded')], depth: 12_000, timeToDrainSeconds: null }),
    /^Falling behind, everything within quotas and fair shares is still admitted/
  )
  t.match(text({ mode: 'false', refusals: [run('quota-exceeded')] }), 'off: everything within quotas is admitted')
  t.match(text({ mode: 'observe', refusals: [run('fair-share')] }), 'only: everything is admitted')
  t.match(text({ refusals: [run('quota-exceeded', NOW - 5_000)] }), 'well: everything is admitted')
  t.match(text({ refusals: [run('quota-exceeded')], settings: observed }), 'well: everything is admitted')
})

t.test('a queue that is out of reach is never told as all well, nor its depth as a figure of now', async () => {
  fc.assert(fc.property(fc.constantFrom('true', 'observe', 'false' as const), fc.boolean(), (mode, isPaused) => {
    const { text, tone } = headline(lostWith({ mode: mode as State['mode'], isPaused }), [])
    return tone === 'bad' && text.includes('unknown (last known') && !/\d of/.test(text)
  }))
})
