import { Type } from '@sinclair/typebox'
import { TypeCompiler } from '@sinclair/typebox/compiler'
import { unsealed } from '../queue/checksum.ts'
import { parseDeadLetter, type DeadLetter, type DeadLetterBrief, type StoredDeadLetter } from './dead-letter.ts'

/** The latest time that a date can hold. */
const MOST_DATE_MS = 8.64e15

/** The members that every dead letter must have. */
const STORED = TypeCompiler.Compile(Type.Object({
  event: Type.Object({ id: Type.String(), type: Type.String(), receivedAt: Type.String(), priority: Type.Integer() }),
  reason: Type.String(),
  error: Type.String(),
  attempts: Type.Integer()
}))

/** Decodes a dead letter from its text and its score; undefined if the text is not one, or not as it was written. */
export function decodeDeadLetter (id: string, score: string, text: string): StoredDeadLetter | undefined {
  const deadLetter = readDeadLetter(unsealed(id, text) ?? '')
  const diedAt = timeOfScore(score)
  if (deadLetter === undefined || diedAt === undefined) return undefined
  const { event, reason, error, attempts } = deadLetter
  return { id, event, reason, error, attempts, diedAt, receivedAt: event.receivedAt }
}

/** Decodes the facts that deadLetterBrief wrote; undefined for any other text. */
export function decodeBrief (id: string, score: string, text: string): DeadLetterBrief | undefined {
  const diedAt = timeOfScore(score)
  try {
    const { event, reason, attempts } = JSON.parse(text) as DeadLetterBrief
    return diedAt === undefined
      ? undefined
      : { id, event: { id: event.id, type: event.type, organizationId: event.organizationId }, reason, attempts, diedAt }
  } catch {
    return undefined
  }
}

/** Converts a score, microseconds of the clock of Redis, to RFC 3339; undefined if it is not a time. */
export function timeOfScore (score: string): string | undefined {
  return timeOf(Math.floor(Number(score) / 1_000))
}

/** Converts milliseconds of the epoch to RFC 3339; undefined if it is not a time. */
export function timeOf (milliseconds: number): string | undefined {
  return Math.abs(milliseconds) <= MOST_DATE_MS ? new Date(milliseconds).toISOString() : undefined
}

function readDeadLetter (text: string): DeadLetter | undefined {
  try {
    const deadLetter = parseDeadLetter(text)
    return STORED.Check(deadLetter) ? deadLetter : undefined
  } catch {
    return undefined
  }
}
