/*
 * The settings of the measurements. They differ in each term of the model: events in a request, events in a batch,
 * size, ids, delivery, and when Redis writes to the disk. A rate is moderate, so no process waits for another one; the
 * cost of an event is then that of the work alone. The events of requests that arrive together share a batch, so the
 * rate and the number of connections decide on the batches of single posts.
 */
import type { LoadRequest } from '../../rig/load/request.ts'
import { eventText, VARIANTS } from '../traffic/event.ts'
import { BATCH_PATH, EVENT_PATH } from '../traffic/post.ts'

/** The services that run side by side, each with a Redis of its own. */
export const SIDES = ['discard', 'deliver', 'always'] as const
export type SideName = (typeof SIDES)[number]

/** A kind of request, and how many of them there are in a round of all kinds. */
export interface Kind {
  readonly times?: number
  readonly eventsPerRequest: number
  readonly bytes: number
  readonly hasIds?: boolean
}

export interface Setting {
  readonly side: SideName
  readonly kinds: readonly Kind[]
  /** The rate of an open loop; absent for connections that post as fast as they are answered. */
  readonly eventsPerSecond?: number
  readonly connections: number
}

const OPEN = 256
const setting = (
  side: SideName, eventsPerRequest: number, bytes: number, eventsPerSecond: number, hasIds = false
): Setting => ({ side, kinds: [{ eventsPerRequest, bytes, hasIds }], eventsPerSecond, connections: OPEN })

/** The model is fitted to these. */
export const FITTED: Readonly<Record<string, Setting>> = {
  'single posts, 500/s': setting('discard', 1, 250, 500),
  'single posts, 4,000/s': setting('discard', 1, 250, 4_000),
  'single posts of 2 KB': setting('discard', 1, 2_000, 2_500),
  'single posts, 64 at once': { side: 'discard', kinds: [{ eventsPerRequest: 1, bytes: 250 }], connections: 64 },
  'single posts with ids': setting('discard', 1, 250, 2_500, true),
  'arrays of 10': setting('discard', 10, 250, 10_000),
  'arrays of 100': setting('discard', 100, 250, 30_000),
  'arrays of 100, 16 at once': { side: 'discard', kinds: [{ eventsPerRequest: 100, bytes: 250 }], connections: 16 },
  'arrays of 100, 1 KB': setting('discard', 100, 1_000, 15_000),
  'arrays of 100 with ids': setting('discard', 100, 250, 15_000, true),
  'single posts, delivered': setting('deliver', 1, 250, 2_000),
  'arrays of 20, 2 KB, delivered': setting('deliver', 20, 2_000, 4_000),
  'arrays of 50, 1 KB, delivered': setting('deliver', 50, 1_000, 6_000),
  'arrays of 100, delivered': setting('deliver', 100, 250, 15_000),
  'single posts, fsync always': setting('always', 1, 250, 2_000),
  'arrays of 100, fsync always': setting('always', 100, 250, 20_000)
}

/** The model predicts these, and is not fitted to them: another size, other batches, and another mix. */
export const HELD_OUT: Readonly<Record<string, Setting>> = {
  'single posts of 700 bytes': setting('discard', 1, 700, 3_000),
  'arrays of 40, 600 bytes': setting('discard', 40, 600, 12_000),
  'two singles to an array of 60, half with ids, delivered': {
    side: 'deliver',
    kinds: [
      { times: 2, eventsPerRequest: 1, bytes: 400, hasIds: true }, { times: 1, eventsPerRequest: 60, bytes: 400 },
      { times: 2, eventsPerRequest: 1, bytes: 400 }, { times: 1, eventsPerRequest: 60, bytes: 400, hasIds: true }
    ],
    eventsPerSecond: 8_000,
    connections: OPEN
  }
}

/** The setting as connections that post as fast as they are answered. Events of a loop without an end have no ids. */
export function saturated ({ side, kinds }: Setting): Setting {
  return { side, kinds: kinds.map((kind) => ({ ...kind, hasIds: false })), connections: 64 }
}

/** Amounts of work for an event of a setting, on the average. */
export interface Means {
  readonly eventsPerRequest: number
  readonly bytes: number
  readonly idShare: number
}

export function meansOf ({ kinds }: Setting): Means {
  const sum = (value: (kind: Kind) => number) =>
    kinds.reduce((all, kind) => all + (kind.times ?? 1) * value(kind), 0)
  const events = sum(({ eventsPerRequest }) => eventsPerRequest)
  return {
    eventsPerRequest: events / sum(() => 1),
    bytes: sum(({ eventsPerRequest, bytes }) => eventsPerRequest * bytes) / events,
    idShare: sum(({ eventsPerRequest, hasIds }) => hasIds === true ? eventsPerRequest : 0) / events
  }
}

/**
 * Returns requests of a setting in turn.
 *
 * @param count enough of them if the events have ids, since a repeated request has duplicates
 * @param prefix of the ids, unique for each call
 */
export function requestsOf ({ kinds }: Setting, count: number, prefix: string): LoadRequest[] {
  const round = kinds.flatMap((kind) => Array.from({ length: kind.times ?? 1 }, () => kind))
  const hasIds = kinds.some((kind) => kind.hasIds)
  let events = 0
  const textOf = ({ bytes, hasIds: hasId }: Kind) => {
    const number = events++
    if (hasId !== true) return eventText(number % VARIANTS, { bytes })
    const id = `"id":"${prefix}-${number}",`
    return `{${id}${eventText(number % VARIANTS, { bytes: bytes - id.length }).slice(1)}`
  }
  return Array.from({ length: hasIds ? count : VARIANTS * round.length }, (_, index) => {
    const kind = round[index % round.length] as Kind
    const headers = { 'content-type': 'application/json' }
    if (kind.eventsPerRequest === 1) return { method: 'POST', path: EVENT_PATH, headers, body: textOf(kind) }
    const texts = Array.from({ length: kind.eventsPerRequest }, () => textOf(kind))
    return { method: 'POST', path: BATCH_PATH, headers, body: `[${texts.join(',')}]` }
  })
}
