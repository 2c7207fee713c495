/*
 * Derives all facts about an event of the load from its sequence number and its origin. The same number gives the same
 * facts, so the proof stores none: it derives them when it posts the event and again when the event arrives.
 */
import { integer, pick, randomOf, type Random } from '../../rig/random.ts'
import type { Bias, Form, Origin } from './origin.ts'
import { payloadOfBytes, pickShape } from './payload.ts'

/**
 * How the consumer treats an event: it accepts it, names it as dead in a 207, or refuses each call that contains it
 * with a 4xx.
 */
export type Doom = 'none' | 'dead' | 'refused'

export interface EventFacts extends Origin {
  readonly sequence: number
  readonly type: string
  /** The place of the type in the request. */
  readonly typeBy: 'body' | 'header'
  readonly priority: number
  /** The source of the priority: the map from types to priorities in Spillway, or the request. */
  readonly priorityBy: 'body' | 'header' | 'type'
  readonly organizationId: string | undefined
  /** The id from the producer; undefined if Spillway has to make one. */
  readonly ownId: string | undefined
  readonly source: string | undefined
  /** RFC 3339, as posted; undefined if Spillway has to set the time of arrival. */
  readonly time: string | undefined
  readonly attributes: Readonly<Record<string, string | number | boolean>>
  /** The JSON text of the payload; undefined for a CloudEvent without data. */
  readonly payload: string | undefined
  readonly doom: Doom
  /** Milliseconds between its post and its deadline; undefined without one. */
  readonly leftMs: number | undefined
}

/** The time of event number 0; later times encode the number in milliseconds. */
export const FIRST_TIME_MS = Date.UTC(2020, 0, 1)

/**
 * The limit on the body of one event in the proof: small, so that many events can reach it.
 */
export const BODY_LIMIT_BYTES = 65_536

/** Room for the rest of the body beside the largest payload. */
const ENVELOPE_BYTES = 2_500
const LARGE_SHARE = 0.001
const ABSENT_DATA_SHARE = 0.05
const DEAD_SHARE = 0.006
const REFUSED_SHARE = 0.003
/** An event that the consumer dooms has no deadline: it would be a question of time whether it is a dead letter. */
const DEADLINES = [{ share: 0.04, leftMs: 3_000 }, { share: 0.03, leftMs: 3_600_000 }]
/** The deadline of an event of the bias `short-lived`. */
export const SHORT_LIFE_MS = 1_500
const CRITICAL_SHARE = 0.2
const NORMAL_SHARE = 0.5

/** The default of EVENT_PRIORITIES of Spillway, and the priority of a type that is not in it. */
const PRIORITY_BY_TYPE: readonly (readonly [type: string, priority: number])[] = [
  ['critical-alarm', 1], ['scheduled', 1], ['device-state-change', 5], ['batch-operation', 10], ['proof.unmapped', 5]
]
const TELEMETRY = ['telemetry-data', 5] as const
const TYPES = ['proof', 'proof.order/placed', 'com.example.ünïcode 🚚', 'T'.repeat(200)]
const ORGANIZATIONS = [undefined, undefined, 'acme', 'org 2/ü', 'proof-org-3']
const ID_TAILS = ['', '', '/é?#%', ' 🚀 ', '-'.repeat(120)]

/** @param seed of the run */
export function factsOf (seed: number, sequence: number, origin: Origin): EventFacts {
  const random = randomOf(Math.imul(seed ^ Math.imul(sequence + 1, 0x9e3779b1), 0x85ebca6b), 'event')
  const { form, identity, bias } = origin
  const isCloudEvent = form === 'structured' || form === 'binary' || form === 'cloud-batch'
  const isAlone = form === 'single' || form === 'structured' || form === 'binary' || form === 'datastream'
  const ownId =
    isCloudEvent || identity === 'own' || identity === 'both' ? `proof-${sequence}${pick(random, ID_TAILS)}` : undefined
  const organizationId = pick(random, ORGANIZATIONS)
  const priorityBy = pickPriorityBy(random, origin, isAlone)
  const [type, priority] =
    priorityBy !== 'type'
      ? [form === 'datastream' ? TELEMETRY[0] : pick(random, TYPES), pickPriority(random, bias)]
    : form === 'datastream' ? TELEMETRY : pick(random, PRIORITY_BY_TYPE)
  const typeBy = form === 'single' && /^[\x21-\x7e]+$/.test(type) && random() < 0.2 ? 'header' : 'body'
  const shape = pickShape(random)
  const isLarge = isAlone && form !== 'datastream' && random() < LARGE_SHARE
  const isAbsent = isCloudEvent && form !== 'binary' && random() < ABSENT_DATA_SHARE
  const isTimed = random() < 0.5 || !(shape.namesSequence || isLarge) || isAbsent
  const time = isTimed ? timeOf(random, sequence) : undefined
  const payload = isAbsent ? undefined
    : form === 'datastream' ? readingOf(random, sequence, time)
      : isLarge
        ? payloadOfBytes(sequence, BODY_LIMIT_BYTES - (form === 'binary' ? 0 : ENVELOPE_BYTES))
        : shape.make(random, sequence)
  const doom = pickDoom(random, bias)
  return {
    ...origin, sequence, type, typeBy, priority, priorityBy, organizationId, ownId, time, payload,
    source: isCloudEvent ? `/proof/${sequence % 7}` : undefined,
    attributes: isCloudEvent ? attributesOf(random, sequence, form) : {},
    doom,
    leftMs: bias === 'short-lived' ? SHORT_LIFE_MS : doom === 'none' && bias === 'none' ? pickLeft(random) : undefined
  }
}

/** Returns the sequence number that a time encodes; undefined for other times. */
export function sequenceOfTime (time: string): number | undefined {
  const sequence = Date.parse(time) - FIRST_TIME_MS
  return Number.isInteger(sequence) && sequence >= 0 ? sequence : undefined
}

function pickPriorityBy (random: Random, { form, bias }: Origin, isAlone: boolean): EventFacts['priorityBy'] {
  if (bias !== 'none') return form === 'datastream' ? 'header' : 'body'
  const chance = random()
  if (form === 'datastream') return chance < 0.5 ? 'header' : 'type'
  if (chance < 0.15) return 'type'
  return isAlone && chance < 0.35 ? 'header' : 'body'
}

function pickPriority (random: Random, bias: Bias): number {
  if (bias === 'critical') return 1
  if (bias === 'normal') return integer(random, 2, 5)
  const chance = random()
  return chance < CRITICAL_SHARE
    ? 1
    : chance < CRITICAL_SHARE + NORMAL_SHARE
      ? integer(random, 2, 5)
      : integer(random, 6, 10)
}

function pickDoom (random: Random, bias: Bias): Doom {
  const chance = random()
  if (bias !== 'none') return 'none'
  return chance < DEAD_SHARE ? 'dead' : chance < DEAD_SHARE + REFUSED_SHARE ? 'refused' : 'none'
}

function pickLeft (random: Random): number | undefined {
  let at = random()
  return DEADLINES.find(({ share }) => (at -= share) < 0)?.leftMs
}

/** The deadline of an event that is posted at this time, milliseconds since 1970; undefined without one. */
export function expiryOf ({ leftMs }: Pick<EventFacts, 'leftMs'>, postedAtMs: number): string | undefined {
  return leftMs === undefined ? undefined : new Date(Math.floor(postedAtMs) + leftMs).toISOString()
}

/** Formats of RFC 3339: with and without an offset, and with a lower-case t. */
function timeOf (random: Random, sequence: number): string {
  if (random() < 0.7) return new Date(FIRST_TIME_MS + sequence).toISOString()
  return new Date(FIRST_TIME_MS + sequence + 3_600_000).toISOString().replace('Z', '+01:00')
}

/** Extensions of every type that the form can carry: headers only hold text. */
function attributesOf (random: Random, sequence: number, form: Form): EventFacts['attributes'] {
  const typed: Record<string, number | boolean> =
    form === 'binary' ? {} : { number: integer(random, -9, 9), flag: random() < 0.5 }
  return {
    ...(random() < 0.7 && { subject: `s/${sequence} ü` }),
    ...(random() < 0.5 && { mark: `m${sequence}` }),
    ...typed
  }
}

/** The payload of a reading, with its members in the order of delivery. */
function readingOf (random: Random, sequence: number, time: string | undefined): string {
  const device = random() < 0.7 ? `"deviceId":"d-${sequence % 100}",` : '"sensorId":"s é",'
  const values = `"sequence":${sequence},"temperature":${pick(random, ['21.5', '-3', '1e-7'])},"state":${
    pick(random, ['"on"', 'null', 'true', '"\\""'])
  }`
  return `{${device}"values":{${values}}${time === undefined ? '' : `,"time":"${time}"`}}`
}
