import type { Doom } from '../event/facts.ts'
import { integer, pick, type Random } from '../../rig/random.ts'

/**
 * How the consumer treats calls. It accepts events in the moods well, slow, late and partial. In the others it accepts
 * nothing: hanging holds calls, failing answers 500, busy 429 or 503, refusing a 4xx, cutting closes their connections.
 */
export const MOODS = ['well', 'slow', 'late', 'partial', 'hanging', 'failing', 'busy', 'refusing', 'cutting'] as const

export type Mood = typeof MOODS[number]

/** The facts about an event that determine the answer. */
export interface Asked {
  /** The event as delivered. */
  readonly id: string
  readonly doom: Doom
}

/** The answer of the consumer to a call. Indexes are places in the call. */
export interface Plan {
  /** Events that it accepts at once. */
  readonly taken: readonly number[]
  /** Events that it refuses for good. */
  readonly refused: readonly number[]
  /** The delay of the answer. */
  readonly delayMs: number
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

const LONGEST_WORK_MS = 15
const SLOW_MS = [250, 450] as const
const REFUSALS = [400, 413, 422] as const
const OUTRIGHT_REFUSALS = [404, 400, 410] as const
const RETRY_SHARE = 0.3
const UNLISTED_SHARE = 0.1

/** @param timeoutMs the time-out of the caller */
export function planFor (
  mood: Exclude<Mood, 'hanging' | 'cutting'>, events: readonly Asked[], random: Random, timeoutMs: number
): Plan {
  if (mood === 'failing') return nothing(events, 500)
  if (mood === 'busy') {
    return nothing(events, pick(random, [429, 503]), { 'retry-after': pick(random, ['1', '0', '2', 'soon']) })
  }
  if (mood === 'refusing') {
    return { ...nothing(events, pick(random, OUTRIGHT_REFUSALS)), refused: events.length === 1 ? [0] : [] }
  }
  const delayMs =
    mood === 'slow'
      ? integer(random, ...SLOW_MS)
      : mood === 'late'
        ? integer(random, 0, timeoutMs * 1.4)
        : integer(random, 0, LONGEST_WORK_MS)
  if (events.some(({ doom }) => doom === 'refused')) {
    return { ...nothing(events, pick(random, REFUSALS)), refused: events.length === 1 ? [0] : [] }
  }
  if (mood !== 'partial' && events.every(({ doom }) => doom === 'none')) {
    return { taken: [...events.keys()], refused: [], delayMs, status: 200, headers: {}, body: '' }
  }
  const results = events.map(({ id, doom }) => {
    if (doom === 'dead') return { id, status: 'dead', reason: 'marked so' }
    const chance = mood === 'partial' ? random() : 1
    return { id, status: chance < RETRY_SHARE ? 'retry' : chance < RETRY_SHARE + UNLISTED_SHARE ? 'unlisted' : 'done' }
  })
  const places = (status: string) => results.flatMap((result, index) => result.status === status ? [index] : [])
  return {
    taken: places('done'),
    refused: places('dead'),
    delayMs,
    status: 207,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ results: results.filter(({ status }) => status !== 'unlisted') })
  }
}

function nothing (events: readonly Asked[], status: number, headers: Record<string, string> = {}): Plan {
  return {
    taken: [], refused: [], delayMs: 0, status, headers, body: events.length === 1 ? 'not this one' : 'not these'
  }
}
