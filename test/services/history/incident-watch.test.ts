import t from 'tap'
import type { HoldReason } from '../../../services/fleet/member.ts'
import { IncidentWatch, type Incident, type Moment } from '../../../services/history/incident-watch.ts'

const worker = (id: string, holds: readonly HoldReason[] = []) => ({
  id, hostname: 'host', pid: 7, concurrency: 20, startedAt: '', handlers: ['delivery'], holds
})
const CALM: Moment = {
  circuitState: 'CLOSED', isDepthKnown: true, depth: 1_200, done: 5, mode: 'true', isPaused: false, pausedForMs: 0,
  resets: undefined, workers: [worker('a')]
}

t.test('tells what has changed, in a sentence', async (t) => {
  const table: [change: Partial<Moment>, incidents: Partial<Incident>[]][] = [
    [{}, []],
    [{ depth: 50 }, []],
    [{ circuitState: 'OPEN' }, [{
      kind: 'circuit',
      from: 'CLOSED',
      to: 'OPEN',
      depth: 1_200,
      text: 'The circuit went from CLOSED to OPEN at 1,200 events.'
    }]],
    [{ circuitState: 'OPEN', circuitCause: 'bytes' }, [{
      kind: 'circuit',
      text: 'The circuit went from CLOSED to OPEN at 1,200 events, because of the bytes in Redis.'
    }]],
    [{ isDepthKnown: false }, [{ kind: 'queue-lost', depth: 1_200 }]],
    [{ mode: 'observe' }, [{ kind: 'mode', from: 'true', to: 'observe' }]],
    [{ isPaused: true }, [{ kind: 'paused', depth: 1_200 }]],
    [{ resets: '1' }, [{ kind: 'reset' }]],
    [
      { workers: [worker('a'), worker('b')] },
      [{ kind: 'workers', from: '1', to: '2', text: '1 worker joined (host:7); 2 now.' }]
    ],
    [{ workers: [] }, [{ kind: 'workers', from: '1', to: '0', text: '1 worker left (host:7); 0 now.' }]],
    [
      { workers: [worker('b')] },
      [{ kind: 'workers', from: '1', to: '1', text: '1 worker joined (host:7), 1 worker left (host:7); 1 now.' }]
    ],
    [
      { workers: ['a', 'b', 'c', 'd', 'e'].map((id) => worker(id)) },
      [{ kind: 'workers', text: '4 workers joined (host:7, host:7, host:7 and 1 more); 5 now.' }]
    ],
    [
      { pausedForMs: 900 },
      [
        {
          kind: 'consumer-away',
          depth: 1_200,
          text: 'Deliveries wait for the consumer, which fails or asks for patience, with 1,200 events in the queue.'
        }
      ]
    ],
    [{ workers: [worker('a', ['consumer-unreachable'])] }, [{
      kind: 'held',
      text: 'A worker takes no batch: host:7 cannot reach the consumer.'
    }, {
      kind: 'consumer-away',
      depth: 1_200,
      text: 'No worker can reach the consumer, with 1,200 events in the queue.'
    }]],
    [
      { workers: [worker('a', ['no-handlers'])] },
      [{ kind: 'held', text: 'A worker takes no batch: host:7 has no handler.' }]
    ],
    [
      { workers: [worker('a', ['of-a-newer-version' as HoldReason])] },
      [{ kind: 'held', text: 'A worker takes no batch: host:7 has a reason that this version does not know.' }]
    ],
    [{ mode: 'false', circuitState: 'OPEN' }, [{ kind: 'mode' }, { kind: 'circuit' }]]
  ]
  for (const [change, incidents] of table) {
    const watch = new IncidentWatch()
    t.strictSame(watch.observe(CALM, 1_000), [], 'the first moment is no news')
    const told = watch.observe({ ...CALM, ...change }, 2_000)
    t.match(
      told,
      incidents.map((incident) => ({ time: 2_000, text: /^[\dA-Z].*\.$/, ...incident })),
      JSON.stringify(change)
    )
    t.equal(told.length, incidents.length)
    t.strictSame(watch.observe({ ...CALM, ...change }, 3_000), [], 'it is told once')
  }
})

t.test('what ends is told as well', async (t) => {
  const watch = new IncidentWatch()
  watch.observe({ ...CALM, isPaused: true, isDepthKnown: false, depth: 1 }, 0)
  t.match(watch.observe({ ...CALM, depth: 1 }, 1), [{
    kind: 'queue-found',
    text: 'The queue can be read again; it holds 1 event.'
  }, { kind: 'resumed' }])
})

t.test('workers that announce themselves again after the queue was away have not left', async (t) => {
  const watch = new IncidentWatch()
  watch.observe(CALM, 0)
  watch.observe({ ...CALM, isDepthKnown: false, workers: [] }, 10_000)
  t.strictSame(watch.observe({ ...CALM, workers: [] }, 20_000).map(({ kind }) => kind), ['queue-found'])
  t.strictSame(watch.observe(CALM, 21_000), [])
  t.strictSame(watch.observe(CALM, 30_000), [])
  t.strictSame(watch.observe({ ...CALM, workers: [] }, 30_100).map(({ kind }) => kind), ['workers'])
})

t.test('a consumer that is tried and fails again is away once, and back once it has taken something', async (t) => {
  const watch = new IncidentWatch()
  const told = (change: Partial<Moment>, second: number) =>
    watch.observe({ ...CALM, ...change }, second * 1_000).map(({ kind, text }) => `${kind}: ${text}`)
  t.strictSame(told({}, 0), [])
  t.equal(told({ pausedForMs: 250 }, 1).length, 1)
  t.strictSame(told({}, 2), [], 'a try')
  t.strictSame(told({}, 20), [], 'a try that takes its time')
  t.strictSame(told({ pausedForMs: 30_000 }, 21), [], 'the same absence')
  t.strictSame(told({ done: 9 }, 22), [], 'too soon to tell')
  t.strictSame(told({ done: 9 }, 24), ['consumer-back: Deliveries go on after 20 s, with 1,200 events in the queue.'])
  t.strictSame(told({ done: 12 }, 25), [])
  t.equal(told({ pausedForMs: 250, depth: 3 }, 26).length, 1)
  t.match(told({ depth: 0 }, 40), [/^consumer-back/], 'with nothing left to be delivered nothing waits')
})

t.test('a worker that is held for each of its tries is held once, and the consumer is not away while others reach it', async (t) => {
  const watch = new IncidentWatch()
  const moment = (holds: readonly HoldReason[]) => ({ ...CALM, workers: [worker('a', holds), worker('b')] })
  const told = (holds: readonly HoldReason[], second: number) =>
    watch.observe(moment(holds), second * 1_000).map(({ kind }) => kind)
  t.strictSame(told([], 0), [])
  t.strictSame(told(['consumer-unreachable'], 1), ['held'])
  t.strictSame(told([], 2), [])
  t.strictSame(told(['consumer-unreachable'], 3), [])
  t.strictSame(told([], 5), [])
  t.strictSame(told([], 6), ['released'])
  t.strictSame(watch.observe({ ...CALM, workers: [] }, 7_000).map(({ kind }) => kind), ['workers'])
})

t.test('what was so at the start is no news, and its end is', async (t) => {
  const watch = new IncidentWatch()
  watch.observe({ ...CALM, pausedForMs: 90, workers: [worker('a', ['no-handlers'])] }, 0)
  t.strictSame(watch.observe({ ...CALM, done: 6 }, 4_000).map(({ kind }) => kind), ['released', 'consumer-back'])
})
