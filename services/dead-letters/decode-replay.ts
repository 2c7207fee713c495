import { isRecord } from '../event/record.ts'
import type { DeadLetterFilter } from './dead-letter.ts'
import { REPLAY_STATUSES, type Replay, type ReplaySelection, type ReplayStatus } from './replay.ts'

/** The dead letters that a replay is to move, from its fields; undefined for fields that are none. */
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

/** A replay from its hash; undefined for one that cannot be read. */
export function decodeReplay (id: string, fields: Record<string, string>): Replay | undefined {
  const { status, reason, matched, replayed, skipped, createdAt, updatedAt, finishedAt } = fields
  if (!REPLAY_STATUSES.includes(status as ReplayStatus)) return undefined
  if (
    ![matched, replayed, skipped, createdAt, updatedAt, finishedAt ?? '0'].every((number) =>
      /^\d{1,15}$/.test(number ?? '')
    )
  ) {
    return undefined
  }
  return {
    id,
    status: status as ReplayStatus,
    ...(reason !== undefined && { reason }),
    matched: Number(matched),
    replayed: Number(replayed),
    skipped: Number(skipped),
    createdAt: timeOf(createdAt),
    updatedAt: timeOf(updatedAt),
    ...(finishedAt !== undefined && { finishedAt: timeOf(finishedAt) })
  }
}

function timeOf (milliseconds: string | undefined): string {
  return new Date(Number(milliseconds)).toISOString()
}
