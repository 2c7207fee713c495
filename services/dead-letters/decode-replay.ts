import { Type } from '@sinclair/typebox'
import { TypeCompiler } from '@sinclair/typebox/compiler'
import { isRecord } from '../event/record.ts'
import type { DeadLetterFilter } from './dead-letter.ts'
import { ReplaySchema, type Replay, type ReplaySelection } from './replay.ts'

const Digits = Type.String({ pattern: '^\\d{1,15}$' })
const HASH = TypeCompiler.Compile(Type.Composite([
  Type.Pick(ReplaySchema, ['status', 'reason']),
  Type.Object({
    matched: Digits, replayed: Digits, skipped: Digits, createdAt: Digits, updatedAt: Digits,
    finishedAt: Type.Optional(Digits)
  })
]))

/** Decodes the selection of a replay from its fields; undefined if they are invalid. */
export function selectionOf (filter: string | null | undefined, ids: string | null): ReplaySelection | undefined {
  try {
    const value: unknown = JSON.parse(ids ?? filter ?? '')
    if (ids !== null) {
      return Array.isArray(value) && value.every((id) => typeof id === 'string') ? { ids: value } : undefined
    }
    return isRecord(value) ? { filter: value as DeadLetterFilter } : undefined
  } catch {
    return undefined
  }
}

/** Decodes a replay from its hash; undefined if it cannot be read. */
export function decodeReplay (id: string, fields: unknown): Replay | undefined {
  if (!HASH.Check(fields)) return undefined
  const { status, reason, matched, replayed, skipped, createdAt, updatedAt, finishedAt } = fields
  return {
    id,
    status,
    ...(reason !== undefined && { reason }),
    matched: Number(matched),
    replayed: Number(replayed),
    skipped: Number(skipped),
    createdAt: timeOf(createdAt),
    updatedAt: timeOf(updatedAt),
    ...(finishedAt !== undefined && { finishedAt: timeOf(finishedAt) })
  }
}

function timeOf (milliseconds: string): string {
  return new Date(Number(milliseconds)).toISOString()
}
