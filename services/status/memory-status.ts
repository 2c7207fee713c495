import { Type } from '@sinclair/typebox'
import type { MemorySignals } from '../admission/signals.ts'
import { utilizationPercent, type Thresholds } from '../admission/thresholds.ts'
import { orNull } from './schema.ts'

/** The bytes of Redis, and what is known of their use. */
export interface MemoryStatus {
  readonly usedBytes: number
  /** Most bytes that Redis may hold; null when nobody knows. */
  readonly capacityBytes: number | null
  /** Share of the critical threshold. */
  readonly utilizationPercent: number | null
  readonly thresholds: Thresholds | null
  /** Null before they were counted. */
  readonly deadLetterBytes: number | null
  readonly rememberedIds: number
  /** How long the id of a new event is remembered. */
  readonly idLifeMs: number
}

export const MemoryStatusSchema = Type.Object({
  usedBytes: Type.Integer({ description: 'As Redis compares it with its maxmemory: events, dead letters, receipts, remembered ids' }),
  capacityBytes: orNull(Type.Integer(), 'maxmemory of Redis, else a share of its machine; null while unknown'),
  utilizationPercent: orNull(Type.Number(), 'Share of the critical threshold'),
  thresholds: orNull(Type.Object({
    warning: Type.Integer(), critical: Type.Integer(), recovery: Type.Integer(), hardLimit: Type.Integer()
  }), 'Bytes at which admission changes; null when there are none'),
  deadLetterBytes: orNull(Type.Integer()),
  rememberedIds: Type.Integer(),
  idLifeMs: Type.Integer({ description: 'How long the id of a new event is remembered; less than IDEMPOTENCY_TTL_MS while there are many' })
})

/** Puts together what is shown of the memory of Redis. */
export function memoryStatusOf (
  { usedBytes, capacityBytes, thresholds }: MemorySignals,
  others: Pick<MemoryStatus, 'deadLetterBytes' | 'rememberedIds' | 'idLifeMs'>
): MemoryStatus {
  return {
    usedBytes,
    capacityBytes: capacityBytes ?? null,
    utilizationPercent: thresholds === undefined ? null : utilizationPercent(usedBytes, thresholds),
    thresholds: thresholds ?? null,
    ...others
  }
}
