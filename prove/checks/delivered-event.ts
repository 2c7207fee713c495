import { sequenceOfTime, type EventFacts } from '../event/facts.ts'
import type { Problem } from '../violations.ts'

/** The members of a delivered CloudEvent, as text. */
export type Members = ReadonlyMap<string, readonly string[]>

/** Facts about an event at its arrival that do not derive from its number. */
export interface Circumstances {
  /** Ids in answers to its posts. */
  readonly answeredIds: readonly string[]
  /** The id of earlier deliveries. */
  readonly deliveredId: string | undefined
  /** The highest attempt of earlier deliveries; 0 if there were none. */
  readonly attempt: number
  /** Whether a fault or a replay may have used up attempts, or may bring back older ones. */
  readonly isDisturbed: boolean
  /** The range of times at which Spillway may have received it; milliseconds since 1970. */
  readonly postedAfter: number
  readonly postedBefore: number
  /** Its deadline, as posted; undefined without one. */
  readonly expiresAt: string | undefined
  /** The earliest time at which its call may have begun; milliseconds since 1970. */
  readonly begunAfter: number
}

/** Attributes that are compared individually; all others belong to the producer. */
const KNOWN = new Set([
  'specversion', 'id', 'source', 'type', 'time', 'datacontenttype', 'priority', 'organizationid', 'attempt', 'data', 'expirytime'
])
const DEFAULT_SOURCE = '/spillway'

/** Returns the numbers that a delivered event may have, the most reliable first. */
export function sequencesIn (members: Members): number[] {
  const data = members.get('data')?.[0] ?? ''
  return [
    /"sequence"\s*:\s*(\d+)/.exec(data)?.[1],
    /^proof-(\d+)/.exec(textOf(members, 'id') ?? '')?.[1],
    sequenceOfTime(textOf(members, 'time') ?? '')
  ].flatMap((found) => found === undefined ? [] : [Number(found)])
}

/** Compares a delivered event with the posted one. */
export function compareEvent (members: Members, facts: EventFacts, known: Circumstances): Problem[] {
  const { sequence, form } = facts
  const told = (check: Problem['check'], got: unknown, wanted: unknown): Problem[] => [
    { check, what: `event ${sequence} (${form}): ${check} ${shown(got)} for ${shown(wanted)}` }
  ]
  const value = (name: string) => valueOf(members, name)
  const same = (check: Problem['check'], name: string, wanted: unknown): Problem[] =>
    value(name) === wanted ? [] : told(check, value(name), wanted)
  const repeated = [...members].filter(([, texts]) => texts.length > 1)
  return [
    ...repeated.length === 0 ? [] : told('attributes', repeated[0]?.[0], 'one member of a name'),
    ...idProblems(value('id'), facts, known).flatMap((wanted) => told('id', value('id'), wanted)),
    ...same('type', 'type', facts.type),
    ...same('priority', 'priority', facts.priority),
    ...same('organization', 'organizationid', facts.organizationId),
    ...same('deadline', 'expirytime', known.expiresAt),
    ...(isLate(known)
      ? told('deadline', new Date(known.begunAfter).toISOString(), `a delivery until ${known.expiresAt}`)
      : []),
    ...same('attributes', 'specversion', '1.0'),
    ...same('attributes', 'datacontenttype', facts.payload === undefined ? undefined : 'application/json'),
    ...same('attributes', 'source', facts.source ?? DEFAULT_SOURCE),
    ...attributeProblems(members, facts).flatMap(([name, wanted]) =>
      told('attributes', `${name}=${shown(value(name))}`, wanted)
    ),
    ...isTimeRight(value('time'), facts, known) ? [] : told('time', value('time'), facts.time ?? 'when it was posted'),
    ...members.get('data')?.[0] === facts.payload ? [] : told('payload', members.get('data')?.[0], facts.payload),
    ...(isAttemptRight(value('attempt'), known)
      ? []
      : told(
          'attempt',
          value('attempt'),
          known.isDisturbed ? 'an attempt' : `attempt ${Math.max(1, known.attempt)} or later`
        ))
  ]
}

function isLate ({ expiresAt, begunAfter }: Circumstances): boolean {
  return expiresAt !== undefined && Date.parse(expiresAt) < begunAfter
}

/** Whether an id that Spillway made equals the answered one and those of earlier deliveries. */
function idProblems (id: unknown, { ownId }: EventFacts, { answeredIds, deliveredId }: Circumstances): string[] {
  if (ownId !== undefined) return id === ownId ? [] : [ownId]
  if (typeof id !== 'string' || id === '') return ['an id']
  if (answeredIds.length > 0) return answeredIds.includes(id) ? [] : [answeredIds.join(' or ')]
  return deliveredId === undefined || deliveredId === id ? [] : [deliveredId]
}

function attributeProblems (members: Members, { attributes }: EventFacts): [name: string, wanted: unknown][] {
  const names = new Set([...members.keys(), ...Object.keys(attributes)].filter((name) => !KNOWN.has(name)))
  return [...names].flatMap((name): [string, unknown][] =>
    valueOf(members, name) === attributes[name] ? [] : [[name, attributes[name]]]
  )
}

function isTimeRight (
  time: unknown, { time: posted }: EventFacts, { postedAfter, postedBefore }: Circumstances
): boolean {
  if (posted !== undefined) return time === posted
  const at = typeof time === 'string' && /^\d{4}-\d\d-\d\dT/.test(time) ? Date.parse(time) : NaN
  return at >= postedAfter && at <= postedBefore
}

function isAttemptRight (attempt: unknown, { attempt: before, isDisturbed }: Circumstances): boolean {
  if (!Number.isInteger(attempt) || Number(attempt) < 1) return false
  return isDisturbed || (before === 0 ? attempt === 1 : Number(attempt) >= before)
}

function valueOf (members: Members, name: string): unknown {
  const text = members.get(name)?.[0]
  return text === undefined ? undefined : JSON.parse(text) as unknown
}

function textOf (members: Members, name: string): string | undefined {
  const value = valueOf(members, name)
  return typeof value === 'string' ? value : undefined
}

function shown (value: unknown): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value) ?? 'nothing'
  return text.length > 120 ? `${text.slice(0, 120)}…` : text
}
