import { table } from '../../rig/table.ts'
import { median } from '../median.ts'
import {
  amountsOf, bottleneckOf, costOf, FIGURES, machinesFor, PARTS, TERMS,
  type Amounts, type Figure, type Model, type Part, type Row, type Traffic
} from './model.ts'

/** A setting that the model was not fitted to, as it was measured. */
export interface Prediction {
  readonly name: string
  /** At a moderate load, one for each round. */
  readonly rows: readonly Row[]
  /** At the highest rate of an API process on a core of its own, while workers pause. */
  readonly peaks: readonly (Row & { readonly perSecond: number })[]
}

/** Ids are remembered for the default of IDEMPOTENCY_TTL_MS. */
const PLAN = { busyShare: 0.6, backlogSeconds: 300, idSeconds: 600 }
const RATES = [10_000, 100_000, 1_000_000]

/** Events of 500 bytes with ids that are delivered, with each write on the disk of Redis. */
const PLANNED = { bytes: 500, idShare: 1, isDelivered: true, isSynced: true }
const PLANS: Readonly<Record<string, Traffic>> = {
  'arrays of 100': { ...PLANNED, eventsPerRequest: 100, eventsPerBatch: 100 },
  'arrays of 10, 40 in a batch': { ...PLANNED, eventsPerRequest: 10, eventsPerBatch: 40 },
  'single posts, 10 in a batch': { ...PLANNED, eventsPerRequest: 1, eventsPerBatch: 10 },
  'single posts, alone in a batch': { ...PLANNED, eventsPerRequest: 1, eventsPerBatch: 1 }
}

/** The cost of each amount of work: microseconds for the parts, bytes for the rest. */
export function costTable (model: Model): string {
  return table(['cost of one', ...TERMS], (Object.keys(FIGURES) as Figure[]).map((figure) => [
    figure, ...TERMS.map((term) => model[figure][term] === undefined ? '-' : round(model[figure][term]!))
  ]))
}

/**
 * The predicted and the measured rate of each setting, moderate and highest: medians over the rounds. If other programs
 * left an API process less than a core, its highest rate counts as that part of the rate of a core.
 */
export function predictionTable (model: Model, predictions: readonly Prediction[]): string {
  return table([
    'not fitted to', 'load', 'events in a batch', ...PARTS.map((part) => `${part} µs`),
    'first full', 'API busy, %', 'predicted/s', 'measured/s', 'error, %'
  ], predictions.flatMap(({ name, rows, peaks }) => {
    const busyShares = peaks.map((peak) => busyShareOf(peak, peak.perSecond))
    return [
      [name, 'moderate', ...cells(model, PARTS, rows.map((row) => ({ row, measured: rateOfMeasured(model, row) })))],
      [name, 'highest', ...cells(model, ['api'], peaks.map((row, index) => ({
        row, measured: row.perSecond / busyShares[index]!
      })), median(busyShares))]
    ]
  }))
}

function cells (
  model: Model, parts: readonly Part[], rounds: readonly { readonly row: Row, readonly measured: number }[],
  busyShare?: number
): string[] {
  const of = (value: (row: Row, measured: number) => number) =>
    median(rounds.map(({ row, measured }) => value(row, measured)))
  const costs = PARTS.map((part) => {
    const predicted = of(({ amounts }) => costOf(model[part], perEvent(amounts)))
    const measured = of(({ amounts, figures }) =>
      (figures[part]! - (model[part].seconds ?? 0) * amounts.seconds) / amounts.events)
    return `${round(predicted)} / ${round(Math.max(0, measured))}`
  })
  const predicted = ({ amounts }: Row) => bottleneckOf(model, perEvent(amounts), parts)
  const rates = rounds.map(({ row }) => predicted(row)).toSorted((one, other) => one.perSecond - other.perSecond)
  return [
    round(of(({ amounts }) => amounts.events / amounts.batches)), ...costs, rates[Math.floor(rates.length / 2)]!.part,
    busyShare === undefined ? '-' : (100 * busyShare).toFixed(0), of((row) => predicted(row).perSecond).toFixed(0),
    of((_row, measured) => measured).toFixed(0),
    ((of((row, measured) => predicted(row).perSecond / measured) - 1) * 100).toFixed(1)
  ]
}

/** The part of a core that an API process used while it took events at a rate. */
function busyShareOf ({ amounts, figures }: Row, perSecond: number): number {
  return figures.api! * perSecond / amounts.events / 1_000_000
}

/** The rate at which the first part has a full core, by the time that it was measured to need for an event. */
function rateOfMeasured (model: Model, { amounts, figures }: Row): number {
  return Math.min(...PARTS.map((part) => {
    const idle = model[part].seconds ?? 0
    return (1_000_000 - idle) / ((figures[part]! - idle * amounts.seconds) / amounts.events)
  }))
}

/** The work of a measured time for one event, without that of each second. */
function perEvent (amounts: Amounts): Amounts {
  const one = Object.fromEntries(TERMS.map((term) => [term, amounts[term] / amounts.events]))
  return { ...one as Record<keyof Amounts, number>, seconds: 0 }
}

/** The machines for each rate of each plan. */
export function machineTable (model: Model): string {
  return table([
    'traffic', 'events/s', 'API cores', 'worker cores', 'Redis masters', 'backlog, GB', 'ids, GB',
    'in, MB/s', 'out, MB/s', 'disk, MB/s', 'first full'
  ], Object.entries(PLANS).flatMap(([name, traffic]) => RATES.map((rate) => {
    const machines = machinesFor(model, traffic, rate, PLAN)
    const { api, worker, redis, backlogBytes, idBytes, redisIn, redisOut, disk } = machines
    const { part, perSecond } = bottleneckOf(model, amountsOf(traffic))
    return [
      name, rate, api, worker, redis, (backlogBytes / 1e9).toFixed(1), (idBytes / 1e9).toFixed(1),
      (redisIn / 1e6).toFixed(1), (redisOut / 1e6).toFixed(1), (disk / 1e6).toFixed(1),
      `${part}, ${perSecond.toFixed(0)}/s`
    ]
  })))
}

function round (value: number): string {
  return value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2)
}
