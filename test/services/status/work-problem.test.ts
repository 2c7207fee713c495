import t from 'tap'
import type { HoldReason, WorkerEntry } from '../../../services/fleet/member.ts'
import type { WorkProblem } from '../../../services/status/schema.ts'
import { workProblems } from '../../../services/status/work-problem.ts'

const worker = (pid: number, more: Partial<WorkerEntry> = {}): WorkerEntry => ({
  id: String(pid),
  hostname: 'host',
  pid,
  concurrency: 20,
  startedAt: '',
  handlers: ['delivery'],
  holds: [],
  ...more
})

const RUNNING = { isPaused: false, pausedForMs: 0, workers: [worker(1), worker(2)] }

const OF_NEWER_VERSION = ['licence-expired', 'toString'] as unknown as HoldReason[]

const TABLE: [change: Partial<typeof RUNNING>, problems: Partial<WorkProblem>[]][] = [
  [{}, []],
  [{ isPaused: true }, [{
    kind: 'paused',
    stops: 'all',
    text: 'the workers are paused',
    remedy: /workers\/resume/ as never
  }]],
  [{ workers: [] }, [{ kind: 'no-worker', stops: 'all', text: 'no worker is running' }]],
  [{ pausedForMs: 40 }, [{ kind: 'consumer-wait', stops: 'all', text: 'deliveries wait for the consumer' }]],
  [{ workers: [worker(1, { handlers: [], holds: ['no-handlers'] })] }, [{
    kind: 'held',
    stops: 'all',
    text: 'no worker takes a batch: host:1 has no handler',
    remedy: /DELIVERY_URL or RULES_FILE/ as never
  }]],
  [{ workers: [worker(1, { holds: ['consumer-unreachable'] }), worker(2)] }, [{
    kind: 'held',
    stops: 'some',
    text: '1 of 2 workers takes no batch: host:1 cannot reach the consumer'
  }]],
  [{ workers: [1, 2, 3, 4, 5].map((pid) => worker(pid, { holds: ['dead-letters-full'] })) }, [{
    kind: 'held',
    stops: 'all',
    text: 'no worker takes a batch: the limit of kept dead letters is reached',
    remedy:
      'replay or delete dead letters, or raise DEAD_LETTER_MAX_EVENTS or DEAD_LETTER_MAX_BYTES and restart the workers'
  }]],
  [{ workers: [...[1, 2, 3, 4].map((pid) => worker(pid, { holds: ['consumer-unreachable'] })), worker(5)] }, [{
    stops: 'some',
    text: '4 of 5 workers take no batch: host:1, host:2, host:3 and 1 more cannot reach the consumer'
  }]],
  [{ workers: [worker(1, { holds: ['consumer-unreachable'] }), worker(2, { handlers: [], holds: ['no-handlers'] })] }, [
    { stops: 'all', text: 'no worker takes a batch: host:2 has no handler' },
    { stops: 'all', text: 'no worker takes a batch: host:1 cannot reach the consumer' }
  ]],
  [{ workers: [worker(1), worker(2, { handlers: [], holds: ['no-handlers'] })] }, [{ kind: 'held', stops: 'some' }]],
  [{ workers: [worker(1), worker(2, { holds: OF_NEWER_VERSION }), worker(3, { holds: OF_NEWER_VERSION })] }, [{
    kind: 'held',
    stops: 'some',
    text: '2 of 3 workers take no batch: host:2 and host:3 have a reason that this version does not know'
  }]],
  [{ workers: [worker(1), worker(2, { handlers: ['rules', 'delivery'] })] }, [{
    kind: 'handlers-differ',
    stops: 'none',
    text: 'the workers have different handlers: host:1 has delivery; host:2 has rules, delivery'
  }]],
  [{ workers: [worker(1), worker(2, { handlers: [] })] }, [{
    kind: 'handlers-differ',
    text: 'the workers have different handlers: host:1 has delivery; host:2 has none'
  }]],
  [{ workers: [worker(1), worker(2, { handlers: ['show'] }), worker(3, { handlers: ['show'] })] }, [{
    kind: 'not-delivered',
    stops: 'none',
    text: '2 of 3 workers finish events without delivering them (show), beside others that deliver: host:2 and host:3'
  }]],
  [{ workers: [worker(1, { handlers: ['discard'] }), worker(2, { handlers: ['discard'] })] }, []],
  [{ isPaused: true, pausedForMs: 9, workers: [] }, [{ kind: 'paused' }, { kind: 'no-worker' }, {
    kind: 'consumer-wait'
  }]]
]

t.test('names what keeps workers from their work, the worst first, and what to do', async (t) => {
  for (const [change, problems] of TABLE) {
    const found = workProblems({ ...RUNNING, ...change })
    t.match(found, problems, JSON.stringify(change))
    t.equal(found.length, problems.length, JSON.stringify(change))
    for (const { text, remedy } of found)
      t.match(`${text}|${remedy}`, /^[\da-z][^.|]*[^.]\|\w.*[^.]$/, 'clauses that a sentence can hold')
  }
})

t.test('names few workers, however many there are', async (t) => {
  const workers = Array.from(
    { length: 1_000 },
    (_, pid) => worker(pid, { handlers: [`rules-${pid}`], holds: pid % 2 === 0 ? ['consumer-unreachable'] : [] })
  )
  for (const { text } of workProblems({ ...RUNNING, workers })) t.ok(text.length < 300, text)
})
