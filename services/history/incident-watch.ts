import type { AdmissionMode } from '../admission/mode.ts'
import type { CircuitState } from '../backpressure/circuit.ts'
import type { WorkerEntry } from '../queue/reading.ts'

export type IncidentKind = 'circuit' | 'queue-lost' | 'queue-found' | 'paused' | 'resumed' | 'mode' | 'reset' | 'workers'

/** Something that changed, told in one sentence. */
export interface Incident {
  /** Milliseconds of the epoch. */
  readonly time: number
  readonly kind: IncidentKind
  readonly from?: string
  readonly to?: string
  /** Events in the queue. */
  readonly depth?: number
  readonly text: string
}

/** What incidents are changes of. */
export interface Moment {
  readonly circuitState: CircuitState
  readonly isDepthKnown: boolean
  readonly depth: number
  readonly mode: AdmissionMode
  readonly isPaused: boolean
  /** Counts the resets. */
  readonly resets: string | undefined
  readonly workers: readonly WorkerEntry[]
}

/** What the modes are called for people, on the page too. */
const MODE_NAMES: Record<AdmissionMode, string> = { true: 'enforce', observe: 'observe', false: 'off' }

/** Workers take this long to announce themselves again after the queue was away. */
const WORKER_PATIENCE_MS = 3_000

const count = (number: number, noun: string) => `${number.toLocaleString('en-US')} ${noun}${number === 1 ? '' : 's'}`

/** Compares each moment with the one before it and tells what has changed. */
export class IncidentWatch {
  #last: Moment | undefined
  #workers: readonly WorkerEntry[] = []
  #workersComparedFrom = -Infinity

  /** @param now milliseconds of the epoch; the first moment is what others are compared with */
  observe (moment: Moment, now: number): Incident[] {
    const last = this.#last
    this.#last = moment
    if (last === undefined) {
      this.#workers = moment.workers
      return []
    }
    const { depth } = moment
    const incidents: Incident[] = []
    const tell = (incident: Omit<Incident, 'time'>) => { incidents.push({ time: now, ...incident }) }
    if (last.isDepthKnown && !moment.isDepthKnown) tell({ kind: 'queue-lost', depth, text: 'The queue cannot be read: its depth is unknown.' })
    if (!last.isDepthKnown && moment.isDepthKnown) {
      tell({ kind: 'queue-found', depth, text: `The queue can be read again; it holds ${count(depth, 'event')}.` })
      this.#workersComparedFrom = now + WORKER_PATIENCE_MS
    }
    if (last.resets !== moment.resets) tell({ kind: 'reset', text: 'An operator closed the circuit and put the counters to zero.' })
    if (last.mode !== moment.mode) {
      tell({ kind: 'mode', from: last.mode, to: moment.mode, text: `Backpressure was switched from ${MODE_NAMES[last.mode]} to ${MODE_NAMES[moment.mode]}.` })
    }
    const { circuitState: from } = last
    const { circuitState: to } = moment
    if (from !== to) tell({ kind: 'circuit', from, to, depth, text: `The circuit went from ${from} to ${to} at ${count(depth, 'event')}.` })
    if (!last.isPaused && moment.isPaused) tell({ kind: 'paused', depth, text: `The workers were paused with ${count(depth, 'event')} in the queue.` })
    if (last.isPaused && !moment.isPaused) tell({ kind: 'resumed', depth, text: `The workers were resumed with ${count(depth, 'event')} in the queue.` })
    if (moment.isDepthKnown && now >= this.#workersComparedFrom) this.#compareWorkers(moment.workers, tell)
    return incidents
  }

  #compareWorkers (workers: readonly WorkerEntry[], tell: (incident: Omit<Incident, 'time'>) => void): void {
    const last = this.#workers
    const joined = workers.filter(({ id }) => !last.some((worker) => worker.id === id))
    const left = last.filter(({ id }) => !workers.some((worker) => worker.id === id))
    this.#workers = workers
    if (joined.length === 0 && left.length === 0) return
    const changes = [[joined, 'joined'], [left, 'left']] as const
    const text = changes.filter(([some]) => some.length > 0).map(([some, verb]) => `${count(some.length, 'worker')} ${verb} (${namesOf(some)})`).join(', ')
    tell({ kind: 'workers', from: String(last.length), to: String(workers.length), text: `${text}; ${workers.length} now.` })
  }
}

/** Names at most three. */
function namesOf (workers: readonly WorkerEntry[]): string {
  const names = workers.slice(0, 3).map(({ hostname, pid }) => `${hostname} ${pid}`)
  return workers.length > 3 ? `${names.join(', ')} and more` : names.join(', ')
}
