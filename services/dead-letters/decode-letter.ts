import type { DeadLetter, StoredDeadLetter } from './dead-letter.ts'

/** The latest time that a date can hold. */
const MOST_DATE_MS = 8.64e15

/** A dead letter from its text and its score, microseconds of the clock of Redis; undefined for a text that is none. */
export function decodeLetter (id: string, score: string, text: string): StoredDeadLetter | undefined {
  const letter = parseLetter(text)
  const diedMs = Math.floor(Number(score) / 1_000)
  if (letter === undefined || !(Math.abs(diedMs) <= MOST_DATE_MS)) return undefined
  const { event, reason, error, attempts } = letter
  return { id, event, reason, error, attempts, diedAt: new Date(diedMs).toISOString(), receivedAt: event.receivedAt }
}

function parseLetter (text: string): DeadLetter | undefined {
  try {
    const { event, reason, error, attempts } = JSON.parse(text) as Partial<DeadLetter>
    const isEvent = typeof event === 'object' && event !== null && [event.id, event.type, event.receivedAt].every((value) => typeof value === 'string') && Number.isInteger(event.priority)
    return isEvent && typeof reason === 'string' && typeof error === 'string' && Number.isInteger(attempts) ? { event, reason, error, attempts: attempts as number } : undefined
  } catch {
    return undefined
  }
}
