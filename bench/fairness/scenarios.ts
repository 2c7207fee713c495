/*
 * The events of organizations that share one service. Ten light ones offer less than their share all the time. In the
 * second third one more offers fifty times its share: plain, over many keys, or over many types.
 */
import { draw, drawExponential, seedOf } from '../../simulate/draw.ts'

/** Events per second that the consumer handles. */
export const CAPACITY = 200
export const SLOTS = 20

const LIGHT_ORGANIZATIONS = 10
const LIGHT_PER_SECOND = 8
const FLOOD_TIMES_ITS_SHARE = 50
/** Keys or types over which the flood is split. */
const PARTS = 200
/** A type of poison is one event in a hundred, and takes a hundred times as long. */
const POISON = { share: 0.01, times: 100 }

/** The events per second of an organization at its share, while the flood comes. */
export const SHARE_PER_SECOND = CAPACITY / (LIGHT_ORGANIZATIONS + 1)

export interface SharedEvent {
  readonly id: number
  readonly organization: string
  /** The number of the key that sends it, among those of its organization. */
  readonly key: number
  readonly type: string
  readonly priority: number
  readonly atMs: number
  readonly serviceMs: number
  readonly isLight: boolean
}

/** The form of the second third. */
export const SCENARIOS = ['alone', 'flood', 'over keys', 'over types', 'poison type'] as const
export type Scenario = (typeof SCENARIOS)[number]

/** The number of keys of each organization. */
export function keysOf (scenario: Scenario): ReadonlyMap<string, number> {
  const light = Array.from({ length: LIGHT_ORGANIZATIONS }, (_, index) => [nameOf(index), 1] as const)
  return new Map([...light, ['flood', scenario === 'over keys' ? PARTS : 1]])
}

/** All events in order of time. The light organizations send the same in every scenario. */
export function eventsOf (scenario: Scenario, seconds: number, seed: number): SharedEvent[] {
  const events: Omit<SharedEvent, 'id'>[] = []
  for (let index = 0; index < LIGHT_ORGANIZATIONS; index++) {
    const sent = arrivals(LIGHT_PER_SECOND, 0, seconds, seedOf(seed, nameOf(index)))
    const isPoison = seedOf(seed, `poison ${index}`)
    events.push(...sent.map((event, place) => {
      const isSlow = scenario === 'poison type' && draw(isPoison, place) < POISON.share
      return {
        ...event, organization: nameOf(index), key: 0, isLight: !isSlow,
        type: isSlow ? 'poison' : 'usual',
        serviceMs: event.serviceMs * (isSlow ? POISON.times : 1)
      }
    }))
  }
  if (scenario !== 'alone' && scenario !== 'poison type') {
    const sent = arrivals(FLOOD_TIMES_ITS_SHARE * SHARE_PER_SECOND, seconds / 3, seconds * 2 / 3, seedOf(seed, 'flood'))
    events.push(...sent.map((event, place) => ({
      ...event, organization: 'flood', isLight: false,
      key: scenario === 'over keys' ? place % PARTS : 0,
      type: scenario === 'over types' ? `flood-${place % PARTS}` : 'usual',
      // A flood of critical events would be let in.
      priority: Math.max(NORMAL, event.priority)
    })))
  }
  return events.toSorted((a, b) => a.atMs - b.atMs).map((event, id) => ({ id, ...event }))
}

const CRITICAL = 1
const NORMAL = 4
const LOW = 8
const CRITICAL_SHARE = 0.05
const NORMAL_SHARE = 0.6

function arrivals (
  perSecond: number, fromSeconds: number, toSeconds: number, seed: number
): Pick<SharedEvent, 'atMs' | 'priority' | 'serviceMs'>[] {
  const [gaps, priorities, services] = ['gap', 'priority', 'service'].map((use) => seedOf(seed, use)) as [number, number, number]
  const found = []
  let at = fromSeconds
  for (let index = 0; ; index++) {
    at += drawExponential(gaps, index) / perSecond
    if (at >= toSeconds) return found
    const drawn = draw(priorities, index)
    found.push({
      atMs: at * 1_000,
      priority: drawn < CRITICAL_SHARE ? CRITICAL : drawn < NORMAL_SHARE ? NORMAL : LOW,
      serviceMs: drawExponential(services, index) * 1_000 * SLOTS / CAPACITY
    })
  }
}

function nameOf (index: number): string {
  return `light-${index}`
}
