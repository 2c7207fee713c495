import { Type, type Static } from '@sinclair/typebox'
import type { MemorySignals } from '../admission/signals.ts'
import { utilizationPercent } from '../admission/thresholds.ts'
import { orNull } from './schema.ts'

export const MemoryStatusSchema = Type.Object({
  usedBytes: Type.Integer({
    description: 'The value that Redis compares with its maxmemory: events, dead letters, receipts, remembered ids'
  }),
  capacityBytes: orNull(Type.Integer(), 'maxmemory of Redis, else a share of its machine; null while unknown'),
  utilizationPercent: orNull(Type.Number(), 'Share of the critical threshold'),
  thresholds: orNull(Type.Object({
    warning: Type.Integer(), critical: Type.Integer(), recovery: Type.Integer(), hardLimit: Type.Integer()
  }), 'Bytes at which admission changes; null if there are none'),
  deadLetterBytes: orNull(Type.Integer(), 'Null before they were counted'),
  rememberedIds: Type.Integer(),
  idLifeMs: Type.Integer({
    description: 'How long the id of a new event is remembered; less than IDEMPOTENCY_TTL_MS while there are many'
  })
})

/** The bytes of Redis and their use. */
export type MemoryStatus = Readonly<Static<typeof MemoryStatusSchema>>

/** Returns the status of the memory of Redis. */
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
