/*
 * The findings of a process that others go on from. A process that starts late, or again, would otherwise begin with
 * the thresholds of the operator, without evidence of the capacity and without pressure, while the others shed:
 *
 *   each second     every process writes its findings to the shared record; the last one wins
 *   first reading   a new process takes over findings that are fresh, and learns from there by its own readings
 *
 * All processes learn from the same queue, so it does not matter whose findings are read. Redis may hold anything:
 * findings out of their bounds are none.
 */
import { MOST_PRESSURE } from './smooth-shedding.ts'
import type { WorkerSpeed } from './worker-rate.ts'

/** The field of the shared control record; services/queue/lua/report.lua writes it. */
export const LEARNED_FIELD = 'learned'

/** The speed of one worker process, and the figures that make a capacity of it. */
export interface LearnedSpeed extends WorkerSpeed {
  readonly workers: number
  readonly completedShare: number
}

/** The depth that adaptive thresholds follow, and the two in force that stay above the depth of the queue. */
export interface LearnedThresholds {
  readonly sustained: number
  readonly inWork: number
  readonly warning: number
  readonly critical: number
}

export interface Learned {
  readonly speed: LearnedSpeed | undefined
  readonly thresholds: LearnedThresholds | undefined
  /** The pressure of smooth shedding. */
  readonly pressure: number | undefined
}

const NOTHING: Learned = Object.freeze({ speed: undefined, thresholds: undefined, pressure: undefined })

/** After a longer time the thresholds of the operator are as good a guess. */
const MOST_AGE_MS = 3_600_000

/** Pressure follows the load of the moment. */
const MOST_PRESSURE_AGE_MS = 5_000

const MOST_CHARACTERS = 1_024
const MOST_EVENTS = 1e12

type Bounds = Readonly<Record<string, readonly [least: number, most: number]>>

const SPEED: Bounds = {
  perWorker: [0, MOST_EVENTS], lumps: [1, 1_000], at: [0, Number.MAX_SAFE_INTEGER], workers: [1, 1_000_000],
  completedShare: [0, 1]
}
const THRESHOLDS: Bounds = {
  sustained: [0, MOST_EVENTS], inWork: [0, MOST_EVENTS], warning: [1, MOST_EVENTS], critical: [1, MOST_EVENTS]
}
const LOOP: Bounds = { pressure: [0, MOST_PRESSURE] }

/** Encodes findings for the shared record. `at` is in milliseconds of the clock of Redis. */
export function encodeLearned (learned: Learned, at: number): string {
  return JSON.stringify({ at, ...learned })
}

/**
 * Decodes the field of the shared record, and leaves out what is damaged, or too old at `now`, in milliseconds of the
 * clock of Redis.
 */
export function decodeLearned (text: string | undefined, now: number): Learned {
  const record = text === undefined || text.length > MOST_CHARACTERS ? undefined : parsed(text)
  if (record === undefined) return NOTHING
  // Findings of the future date from before the clock was set back.
  const ageMs = typeof record.at === 'number' ? Math.abs(now - record.at) : Infinity
  if (ageMs > MOST_AGE_MS) return NOTHING
  const { speed, thresholds, pressure } = record
  const isSpeed = isWithin(speed, SPEED) && (speed?.source === 'busy' || speed?.source === 'utilisation')
  return {
    speed: isSpeed ? speed : undefined,
    thresholds: isWithin(thresholds, THRESHOLDS) ? thresholds : undefined,
    pressure: ageMs <= MOST_PRESSURE_AGE_MS && isWithin({ pressure }, LOOP) ? pressure : undefined
  }
}

function parsed (text: string): Partial<Learned & { at: number }> | undefined {
  try {
    return JSON.parse(text) ?? undefined
  } catch {
    return undefined
  }
}

/** Whether the values are numbers within these bounds. */
function isWithin (values: unknown, bounds: Bounds): boolean {
  return Object.entries(bounds).every(([name, [least, most]]) => {
    const value = (values as Record<string, unknown> | null | undefined)?.[name]
    return typeof value === 'number' && value >= least && value <= most
  })
}
