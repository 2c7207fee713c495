/*
 * The cost of events, as a sum of amounts of work, each times a cost:
 *
 *   CPU of the API    = a1 seconds + a2 requests + a3 batches + a4 events + a5 kilobytes + a6 ids
 *   CPU of the worker = b1 seconds + b2 batches + b3 events + b4 kilobytes, and more of each for those delivered
 *   CPU of Redis      = c1 seconds + c2 batches + c3 events + c4 kilobytes + c5 ids + c6 batches that are fsynced each
 *
 * The same form gives the bytes that Redis reads, sends, writes to its file and holds in memory. The costs are fitted
 * to measurements (see least-squares.ts), each weighted by its size: an error of a tenth counts alike for a cheap
 * setting and for an expensive one. A round that other programs disturb shall not move the costs, so the fit
 * approximates least absolute errors: it weights each measurement by its last error, and begins again (iteratively
 * reweighted least squares).
 *
 * The rest follows from two laws of queueing (Denning and Buzen, "The Operational Analysis of Queueing Network
 * Models", 1978): the utilization of a part is the rate times its time for an event, and the rate ends where the first
 * part, the bottleneck, has a utilization of 1.
 */
import { leastSquares } from './least-squares.ts'

/** Amounts of work. Each of them is counted in a measured time; of a rate, each is an amount per second. */
export const TERMS = [
  'seconds', 'requests', 'batches', 'events', 'kilobytes', 'ids', 'deliveredBatches', 'deliveredEvents',
  'deliveredKilobytes', 'syncedBatches'
] as const

export type Term = (typeof TERMS)[number]
export type Amounts = Readonly<Record<Term, number>>

/** The work that each figure depends on. CPU is in microseconds, everything else in bytes. */
export const FIGURES = {
  api: ['seconds', 'requests', 'batches', 'events', 'kilobytes', 'ids'],
  worker: ['seconds', 'batches', 'events', 'kilobytes', 'deliveredBatches', 'deliveredEvents', 'deliveredKilobytes'],
  redis: ['seconds', 'batches', 'events', 'kilobytes', 'ids', 'syncedBatches'],
  redisIn: ['seconds', 'batches', 'events', 'kilobytes', 'ids'],
  redisOut: ['seconds', 'batches', 'events', 'kilobytes', 'ids'],
  disk: ['seconds', 'batches', 'events', 'kilobytes', 'ids'],
  memory: ['batches', 'events', 'kilobytes', 'ids']
} as const satisfies Record<string, readonly Term[]>

export type Figure = keyof typeof FIGURES

/** The parts of the service that each need CPU. */
export const PARTS = ['api', 'worker', 'redis'] as const satisfies readonly Figure[]
export type Part = (typeof PARTS)[number]

/** The cost of one unit of each amount; terms that a figure does not depend on are absent. */
export type Costs = Readonly<Partial<Record<Term, number>>>
export type Model = Readonly<Record<Figure, Costs>>

/** One measurement: the work, and figures that were read for it. */
export interface Row {
  readonly amounts: Amounts
  readonly figures: Readonly<Partial<Record<Figure, number>>>
}

/** The form of traffic. */
export interface Traffic {
  readonly eventsPerRequest: number
  /** Events that travel in one batch; `spillway_batch_events` shows them. */
  readonly eventsPerBatch: number
  /** Length of the JSON text of an event. */
  readonly bytes: number
  /** The part of the events that have an id, and are checked for duplicates. */
  readonly idShare: number
  readonly isDelivered: boolean
  /** Whether Redis has each write on its disk before it answers. */
  readonly isSynced: boolean
}

const MICROS_PER_CORE = 1_000_000
const REWEIGHTINGS = 20
/** Relative errors below this weigh alike. */
const SMALL_ERROR = 0.02

/** Fits each figure to the rows that have it. */
export function fit (rows: readonly Row[]): Model {
  return Object.fromEntries(Object.entries(FIGURES).map(([figure, terms]) => {
    const own = rows.filter(({ figures }) => (figures[figure as Figure] ?? 0) > 0)
    const sizes = own.map(({ figures }) => figures[figure as Figure] as number)
    const rowsOfTerms = own.map(({ amounts }, index) => terms.map((term) => amounts[term] / sizes[index]!))
    let costs = leastSquares(rowsOfTerms, own.map(() => 1))
    for (let time = 0; time < REWEIGHTINGS; time++) {
      const weights = rowsOfTerms.map((row) => {
        const error = Math.abs(1 - row.reduce((sum, value, term) => sum + value * costs[term]!, 0))
        return 1 / Math.sqrt(Math.max(SMALL_ERROR, error))
      })
      costs = leastSquares(rowsOfTerms.map((row, index) => row.map((value) => value * weights[index]!)), weights)
    }
    return [figure, Object.fromEntries(terms.map((term, index) => [term, costs[index] ?? 0]))]
  })) as unknown as Model
}

/** The cost of work. */
export function costOf (costs: Costs, amounts: Amounts): number {
  return TERMS.reduce((sum, term) => sum + (costs[term] ?? 0) * amounts[term], 0)
}

/** The work for one event of some traffic, without that of each second. */
export function amountsOf (
  { eventsPerRequest, eventsPerBatch, bytes, idShare, isDelivered, isSynced }: Traffic
): Amounts {
  const batches = 1 / eventsPerBatch
  const kilobytes = bytes / 1_000
  return {
    seconds: 0,
    requests: 1 / eventsPerRequest,
    batches,
    events: 1,
    kilobytes,
    ids: idShare,
    deliveredBatches: isDelivered ? batches : 0,
    deliveredEvents: isDelivered ? 1 : 0,
    deliveredKilobytes: isDelivered ? kilobytes : 0,
    syncedBatches: isSynced ? batches : 0
  }
}

/** The events per second that one core of a part can do; `amounts` are those of one event. */
export function rateOfCore (costs: Costs, amounts: Amounts, busyShare = 1): number {
  return Math.max(0, MICROS_PER_CORE * busyShare - (costs.seconds ?? 0)) / costOf(costs, { ...amounts, seconds: 0 })
}

export interface Bottleneck {
  readonly part: Part
  readonly perSecond: number
}

/** The part that first has a full core, and the rate at which it does; one process of each part. */
export function bottleneckOf (model: Model, amounts: Amounts, parts: readonly Part[] = PARTS): Bottleneck {
  return parts
    .map((part) => ({ part, perSecond: rateOfCore(model[part], amounts) }))
    .reduce((least, next) => next.perSecond < least.perSecond ? next : least)
}

/** The machines for a rate. */
export interface Machines {
  /** Processes of the API and of workers, and masters of Redis: each has a core that is busy for `busyShare`. */
  readonly api: number
  readonly worker: number
  readonly redis: number
  /** Redis memory of a backlog, and of ids that are remembered, bytes. */
  readonly backlogBytes: number
  readonly idBytes: number
  /** Bytes per second into Redis, out of it, and to its disk. */
  readonly redisIn: number
  readonly redisOut: number
  readonly disk: number
}

/** The reserves of a plan. */
export interface Plan {
  /** The part of a core that events may use: the rest is for peaks and for the loss of a machine. */
  readonly busyShare: number
  /** Seconds of arrivals that Redis can hold while workers stand still. */
  readonly backlogSeconds: number
  /** Seconds for which ids are remembered. */
  readonly idSeconds: number
}

/** Returns the machines for a rate in events per second. */
export function machinesFor (
  model: Model, traffic: Traffic, perSecond: number, { busyShare, backlogSeconds, idSeconds }: Plan
): Machines {
  const amounts = amountsOf(traffic)
  const idBytes = (model.memory.ids ?? 0) * traffic.idShare * perSecond
  const cores = (part: Part) => Math.max(1, Math.ceil(perSecond / rateOfCore(model[part], amounts, busyShare)))
  const flow = (figure: Figure) => costOf(model[figure], amounts) * perSecond
  return {
    api: cores('api'),
    worker: cores('worker'),
    redis: cores('redis'),
    backlogBytes: (flow('memory') - idBytes) * backlogSeconds,
    idBytes: idBytes * idSeconds,
    redisIn: flow('redisIn'),
    redisOut: flow('redisOut'),
    disk: flow('disk')
  }
}
