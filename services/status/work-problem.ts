import type { HoldReason, WorkerEntry } from '../fleet/member.ts'
import type { WorkProblem } from './schema.ts'

/** The facts about the workers. */
export interface Workforce {
  /** Whether an operator paused the workers. */
  readonly isPaused: boolean
  /** How long deliveries of all workers still wait for the consumer. */
  readonly pausedForMs: number
  readonly workers: readonly WorkerEntry[]
}

/** Handlers that finish an event without delivering it. */
const DELIVERS_NOWHERE: ReadonlySet<string> = new Set(['show', 'discard'])

const MOST_NAMED = 3

const UNKNOWN = 'unknown'

interface Hold {
  readonly why: (names: string, isOne: boolean) => string
  readonly remedy: string
}

const HOLDS: Readonly<Record<HoldReason, Hold>> = {
  'no-handlers': {
    why: (names, isOne) => `${names} ${isOne ? 'has' : 'have'} no handler`,
    remedy: 'set DELIVERY_URL or RULES_FILE for every worker, or WITHOUT_HANDLER, and restart it'
  },
  'consumer-unreachable': {
    why: (names) => `${names} cannot reach the consumer`,
    remedy:
      'check that the consumer runs, and on that host DELIVERY_URL, OUTBOUND_NETWORKS, name resolution and the ' +
      'network; the log of the worker names the reason: consumer-unreachable'
  },
  'dead-letters-full': {
    why: () => 'the limit of kept dead letters is reached',
    remedy:
      'replay or delete dead letters, or raise DEAD_LETTER_MAX_EVENTS or DEAD_LETTER_MAX_BYTES and restart the workers'
  }
}

/** A worker of a newer version may have a reason that this version does not know. */
function holdOf (reason: string): Hold {
  return Object.hasOwn(HOLDS, reason) ? HOLDS[reason as HoldReason] : {
    why: (names, isOne) => `${names} ${isOne ? 'has' : 'have'} a reason that this version does not know`,
    remedy: 'read the log of the worker, and GET /api/v1/metrics/queue, which names the reason in holds'
  }
}

const PAUSED: WorkProblem = {
  kind: 'paused', stops: 'all', text: 'the workers are paused', remedy: 'POST /api/v1/workers/resume resumes them'
}
const NO_WORKER: WorkProblem = {
  kind: 'no-worker',
  stops: 'all',
  text: 'no worker is running',
  remedy: 'start one with the environment of the API: npm run worker'
}
const CONSUMER_WAIT: WorkProblem = {
  kind: 'consumer-wait',
  stops: 'all',
  text: 'deliveries wait for the consumer',
  remedy:
    'repair the consumer; the log of the workers says why: consumer-unavailable. POST /api/v1/workers/resume asks ' +
    'it at once'
}

/** Lists the problems of the workers; those that stop all work come first. */
export function workProblems ({ isPaused, pausedForMs, workers }: Workforce): WorkProblem[] {
  const held = heldProblems(workers)
  return [
    ...isPaused ? [PAUSED] : [],
    ...workers.length === 0 ? [NO_WORKER] : [],
    ...held.filter(({ stops }) => stops === 'all'),
    ...pausedForMs > 0 ? [CONSUMER_WAIT] : [],
    ...held.filter(({ stops }) => stops === 'some'),
    ...differences(workers)
  ]
}

/** Returns the reason why workers take no batch, as a clause with their names if it concerns only them. */
export function causeOfHold (reason: string, workers: readonly WorkerEntry[]): string {
  return holdOf(reason).why(namesOf(workers), workers.length === 1)
}

/** Returns the workers that take no batch. */
export function heldWorkers<Entry extends Pick<WorkerEntry, 'holds'>> (workers: readonly Entry[]): Entry[] {
  return workers.filter(({ holds }) => holds.length > 0)
}

/** Groups workers by their list of handlers. */
export function byHandlers (workers: readonly WorkerEntry[]): Map<string, WorkerEntry[]> {
  return Map.groupBy(workers, ({ handlers }) => handlers.join(', '))
}

function heldProblems (workers: readonly WorkerEntry[]): WorkProblem[] {
  const isStill = heldWorkers(workers).length === workers.length
  const isUnknown = (reason: string) => !Object.hasOwn(HOLDS, reason)
  return [...Object.keys(HOLDS), UNKNOWN].flatMap((reason) => {
    // All that are unknown are one problem, however many there are.
    const held = workers.filter(({ holds }) =>
      holds.some((each) => each === reason || (reason === UNKNOWN && isUnknown(each))))
    if (held.length === 0) return []
    const some = `${shareOf(held, workers)} ${held.length === 1 ? 'takes' : 'take'} no batch`
    const who = isStill ? 'no worker takes a batch' : some
    const text = `${who}: ${causeOfHold(reason, held)}`
    return [{ kind: 'held', stops: isStill ? 'all' : 'some', text, remedy: holdOf(reason).remedy }]
  })
}

function differences (workers: readonly WorkerEntry[]): WorkProblem[] {
  const working = workers.filter(({ holds }) => !holds.includes('no-handlers'))
  const keeping = working.filter(deliversNowhere)
  const others = working.filter((worker) => !keeping.includes(worker))
  const problems: WorkProblem[] = []
  if (keeping.length > 0 && others.length > 0) {
    const [handlers] = byHandlers(keeping).keys()
    const who = `${shareOf(keeping, workers)} ${keeping.length === 1 ? 'finishes' : 'finish'}`
    problems.push({
      kind: 'not-delivered',
      stops: 'none',
      text: `${who} events without delivering them (${handlers}), beside others that deliver: ${namesOf(keeping)}`,
      remedy: 'give every worker the same DELIVERY_URL and RULES_FILE, or stop these'
    })
  }
  const lists = [...byHandlers(others)]
  if (lists.length > 1) {
    const parts = lists.slice(0, MOST_NAMED)
      .map(([handlers, some]) => `${namesOf(some)} ${some.length === 1 ? 'has' : 'have'} ${handlers || 'none'}`)
    problems.push({
      kind: 'handlers-differ',
      stops: 'none',
      text: `the workers have different handlers: ${parts.join('; ')}`,
      remedy: 'start all workers with the same DELIVERY_URL, RULES_FILE and WITHOUT_HANDLER'
    })
  }
  return problems
}

function deliversNowhere ({ handlers }: WorkerEntry): boolean {
  return handlers.length > 0 && handlers.every((name) => DELIVERS_NOWHERE.has(name))
}

function shareOf (some: readonly WorkerEntry[], all: readonly WorkerEntry[]): string {
  return `${some.length} of ${all.length} workers`
}

/** Names at most three, each by host and process. */
export function namesOf (workers: readonly WorkerEntry[]): string {
  const names = workers.slice(0, MOST_NAMED).map(({ hostname, pid }) => `${hostname}:${pid}`)
  const others = workers.length - names.length
  return others > 0 ? `${names.join(', ')} and ${others} more` : names.join(', ').replace(/, ([^,]*)$/, ' and $1')
}
