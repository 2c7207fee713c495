import type { AdmissionMode } from '../admission/mode.ts'
import type { CircuitCause, CircuitState } from '../admission/circuit.ts'
import { isConsumerAway } from '../queue/consumer-away.ts'
import type { WorkerEntry } from '../fleet/member.ts'
import { causeOfHold, heldWorkers, namesOf } from '../status/work-problem.ts'

export type IncidentKind =
  | 'circuit'
  | 'queue-lost'
  | 'queue-found'
  | 'paused'
  | 'resumed'
  | 'mode'
  | 'reset'
  | 'workers'
  | 'held'
  | 'released'
  | 'consumer-away'
  | 'consumer-back'

/** A change, described in one sentence. */
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

/** The facts that incidents are changes of. */
export interface Moment {
  readonly circuitState: CircuitState
  /** The measure that keeps the circuit from closing. */
  readonly circuitCause?: CircuitCause | undefined
  readonly isDepthKnown: boolean
  readonly depth: number
  /** Events ever handled. */
  readonly done: number
  readonly mode: AdmissionMode
  readonly isPaused: boolean
  /** How long deliveries still wait for the consumer. */
  readonly pausedForMs: number
  /** Counts the resets. */
  readonly resets: string | undefined
  readonly workers: readonly WorkerEntry[]
}

/** Names of the modes for people, on the page too. */
const MODE_NAMES: Record<AdmissionMode, string> = { true: 'enforce', observe: 'observe', false: 'off' }

/** Workers take this long to announce themselves again after the queue was away. */
const WORKER_PATIENCE_MS = 3_000

type Tell = (incident: Omit<Incident, 'time'>) => void

const count = (number: number, noun: string) => `${number.toLocaleString('en-US')} ${noun}${number === 1 ? '' : 's'}`

/** A consumer or worker counts as back after this long without a pause: there is no pause between two probes. */
const BACK_AFTER_MS = 3_000

/** Compares each moment with the previous one and returns the changes. */
export class IncidentWatch {
  #last: Moment | undefined
  #workers: readonly WorkerEntry[] = []
  #workersComparedFrom = -Infinity
  #away: { since: number, lastAt: number, done: number } | undefined
  /** The last time at which each worker took no batches. */
  readonly #heldAt = new Map<string, number>()

  /**
   * Compares a moment with the one before; the first is only compared with later ones.
   *
   * @param now milliseconds of a clock that nobody sets
   * @param time milliseconds of the epoch, to show
   */
  observe (moment: Moment, now: number, time = now): Incident[] {
    const last = this.#last
    this.#last = moment
    if (last === undefined) {
      this.#workers = moment.workers
      this.#followConsumer(moment, now, () => {})
      this.#followHolds(moment.workers, now, () => {})
      return []
    }
    const { depth } = moment
    const incidents: Incident[] = []
    const tell: Tell = (incident) => {
      incidents.push({ time, ...incident })
    }
    if (last.isDepthKnown && !moment.isDepthKnown)
      tell({ kind: 'queue-lost', depth, text: 'The queue cannot be read: its depth is unknown.' })
    if (!last.isDepthKnown && moment.isDepthKnown) {
      tell({ kind: 'queue-found', depth, text: `The queue can be read again; it holds ${count(depth, 'event')}.` })
      this.#workersComparedFrom = now + WORKER_PATIENCE_MS
    }
    if (last.resets !== moment.resets)
      tell({ kind: 'reset', text: 'An operator closed the circuit and put the counters to zero.' })
    if (last.mode !== moment.mode) {
      tell({
        kind: 'mode',
        from: last.mode,
        to: moment.mode,
        text: `Backpressure was switched from ${MODE_NAMES[last.mode]} to ${MODE_NAMES[moment.mode]}.`
      })
    }
    const { circuitState: from } = last
    const { circuitState: to } = moment
    if (from !== to)
      tell({
        kind: 'circuit',
        from,
        to,
        depth,
        text: `The circuit went from ${from} to ${to} at ${count(depth, 'event')}${ofBytes(moment)}.`
      })
    if (!last.isPaused && moment.isPaused)
      tell({ kind: 'paused', depth, text: `The workers were paused with ${count(depth, 'event')} in the queue.` })
    if (last.isPaused && !moment.isPaused)
      tell({ kind: 'resumed', depth, text: `The workers were resumed with ${count(depth, 'event')} in the queue.` })
    if (moment.isDepthKnown) {
      if (now >= this.#workersComparedFrom) this.#compareWorkers(moment.workers, tell)
      this.#followHolds(moment.workers, now, tell)
      this.#followConsumer(moment, now, tell)
    }
    return incidents
  }

  /** A consumer is back once it accepted an event and no pause followed for a while, or the queue is empty. */
  #followConsumer ({ pausedForMs, workers, done, depth }: Moment, now: number, tell: Tell): void {
    const away = this.#away
    if (isConsumerAway({ pausedForMs, workers })) {
      const what =
        pausedForMs > 0
          ? 'Deliveries wait for the consumer, which fails or asks for patience'
          : 'No worker can reach the consumer'
      if (away === undefined) {
        tell({ kind: 'consumer-away', depth, text: `${what}, with ${count(depth, 'event')} in the queue.` })
      }
      this.#away = { since: away?.since ?? now, lastAt: now, done }
    } else if (away !== undefined && now - away.lastAt >= BACK_AFTER_MS && (done > away.done || depth === 0)) {
      this.#away = undefined
      const seconds = Math.round((away.lastAt - away.since) / 1_000)
      tell({
        kind: 'consumer-back',
        depth,
        text: `Deliveries go on after ${seconds < 1 ? 'less than 1 s' : `${seconds.toLocaleString('en-US')} s`}, with ${
          count(depth, 'event')
        } in the queue.`
      })
    }
  }

  #followHolds (workers: readonly WorkerEntry[], now: number, tell: Tell): void {
    for (const worker of heldWorkers(workers)) {
      if (!this.#heldAt.has(worker.id)) {
        tell({
          kind: 'held',
          text: `A worker takes no batch: ${worker.holds.map((reason) => causeOfHold(reason, [worker])).join(', ')}.`
        })
      }
      this.#heldAt.set(worker.id, now)
    }
    for (const [id, lastAt] of this.#heldAt) {
      if (now - lastAt < BACK_AFTER_MS) continue
      this.#heldAt.delete(id)
      const worker = workers.find((entry) => entry.id === id)
      // A worker that left is not released.
      if (worker !== undefined) tell({ kind: 'released', text: `${namesOf([worker])} takes batches again.` })
    }
  }

  #compareWorkers (workers: readonly WorkerEntry[], tell: Tell): void {
    const last = this.#workers
    const joined = workers.filter(({ id }) => !last.some((worker) => worker.id === id))
    const left = last.filter(({ id }) => !workers.some((worker) => worker.id === id))
    this.#workers = workers
    if (joined.length === 0 && left.length === 0) return
    const changes = [[joined, 'joined'], [left, 'left']] as const
    const text = changes.filter(([some]) => some.length > 0).map(([some, verb]) =>
      `${count(some.length, 'worker')} ${verb} (${namesOf(some)})`
    ).join(', ')
    tell({
      kind: 'workers',
      from: String(last.length),
      to: String(workers.length),
      text: `${text}; ${workers.length} now.`
    })
  }
}

/** Names the bytes if the depth does not explain the step. */
function ofBytes ({ circuitCause }: Moment): string {
  return circuitCause === 'bytes' ? ', because of the bytes in Redis' : ''
}
