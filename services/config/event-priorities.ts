import { HIGHEST_PRIORITY, LOWEST_PRIORITY } from '../admission/priority-class.ts'
import type { ConfigProblem } from './config-error.ts'
import { describeGiven } from './redaction.ts'
import { isRecord } from '../event/record.ts'

type EventPriorities = Readonly<Record<string, number>>

const ALLOWED_PRIORITY = `integer from ${HIGHEST_PRIORITY} to ${LOWEST_PRIORITY}`

/** Decodes EVENT_PRIORITIES. Reports and omits each entry that is not a priority. */
export function parseEventPriorities (text: string): { priorities: EventPriorities, problems: ConfigProblem[] } {
  // Without a prototype: an event type called "constructor" must have no entry.
  const priorities: Record<string, number> = Object.create(null)
  const problems: ConfigProblem[] = []
  const entries = parseObject(text)
  if (entries === undefined) {
    problems.push({
      key: 'EVENT_PRIORITIES',
      given: describeGiven('EVENT_PRIORITIES', text),
      allowed: `JSON object from event type to ${ALLOWED_PRIORITY}`
    })
  }
  for (const [type, priority] of Object.entries(entries ?? {})) {
    if (isPriority(priority)) priorities[type] = priority
    else problems.push({
        key: `EVENT_PRIORITIES[${JSON.stringify(type)}]`,
        given: JSON.stringify(priority),
        allowed: ALLOWED_PRIORITY
      })
  }
  return { priorities: Object.freeze(priorities), problems }
}

function parseObject (text: string): object | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return isRecord(value) ? value : undefined
  } catch {
    return undefined
  }
}

function isPriority (value: unknown): value is number {
  return Number.isInteger(value) && (value as number) >= HIGHEST_PRIORITY && (value as number) <= LOWEST_PRIORITY
}
