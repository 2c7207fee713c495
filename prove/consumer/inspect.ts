import type { IncomingHttpHeaders } from 'node:http'
import { compareEvent, sequencesIn, type Circumstances, type Members } from '../checks/delivered-event.ts'
import { signatureProblem } from '../checks/signature.ts'
import type { EventFacts } from '../event/facts.ts'
import { elementsOf, membersOf } from '../event/json-text.ts'
import type { Problem } from '../violations.ts'

export interface InspectionOptions {
  readonly secret: string
  readonly nowSeconds: number
  /** The largest error of the clock of a worker. */
  readonly toleranceSeconds: number
  /** Returns the facts and circumstances of a posted event; undefined if it was never posted. */
  readonly recall: (sequence: number) => { facts: EventFacts, known: Circumstances } | undefined
}

/** A delivered event after its comparison with the posted one. */
export interface Inspected {
  readonly sequence: number | undefined
  readonly id: string
  readonly attempt: number
}

const MEDIA_TYPE = 'application/cloudevents-batch+json'

/** Checks the signature and the form of a call, and compares each of its events with the posted one. */
export function inspectCall (
  headers: IncomingHttpHeaders, body: Buffer, { secret, nowSeconds, toleranceSeconds, recall }: InspectionOptions
): { events: Inspected[], problems: Problem[] } {
  const problems: Problem[] = []
  const header = (name: string) => headers[name] as string | undefined
  const signed = {
    id: header('webhook-id'), timestamp: header('webhook-timestamp'), signature: header('webhook-signature')
  }
  const forged = signatureProblem(secret, signed, body, nowSeconds, toleranceSeconds)
  if (forged !== undefined) problems.push({ check: 'signature', what: forged })
  if (header('content-type') !== MEDIA_TYPE) {
    problems.push({ check: 'call', what: `content-type ${header('content-type')}` })
  }
  const elements = elementsIn(body, problems)
  const priorities = new Set(elements.map((members) => members.get('priority')?.[0]))
  if (priorities.size > 1) {
    problems.push({ check: 'call', what: `one call with the priorities ${[...priorities].join(', ')}` })
  }
  const seen = new Set<number>()
  const events = elements.map((members): Inspected => {
    const found = candidate(members, recall)
    const id = textOf(members, 'id')
    const attempt = Number(members.get('attempt')?.[0])
    if (found === undefined) {
      problems.push({
        check: 'strange',
        what: `an event that was never posted: id ${id}, data ${(members.get('data')?.[0] ?? 'absent').slice(0, 80)}`
      })
      return { sequence: undefined, id, attempt }
    }
    const { sequence } = found.facts
    if (seen.has(sequence)) problems.push({ check: 'call', what: `event ${sequence} twice in one call` })
    seen.add(sequence)
    problems.push(...compareEvent(members, found.facts, found.known))
    return { sequence, id, attempt }
  })
  return { events, problems }
}

/** Picks the first candidate with the same payload, otherwise the first of all. */
function candidate (members: Members, recall: InspectionOptions['recall']): ReturnType<InspectionOptions['recall']> {
  const found = sequencesIn(members).flatMap((sequence) => recall(sequence) ?? [])
  return found.find(({ facts }) => facts.payload === members.get('data')?.[0]) ?? found[0]
}

function elementsIn (body: Buffer, problems: Problem[]): Members[] {
  try {
    const text = body.toString()
    JSON.parse(text)
    const elements = elementsOf(text).map(membersOf)
    if (elements.length === 0) problems.push({ check: 'call', what: 'a call without events' })
    return elements
  } catch (error) {
    problems.push({ check: 'call', what: `a body that is no JSON array of objects: ${(error as Error).message}` })
    return []
  }
}

function textOf (members: Members, name: string): string {
  const text = members.get(name)?.[0]
  return text === undefined ? '' : String(JSON.parse(text))
}
