import type { OnSent } from '../admission/in-transit.ts'
import type { Batch } from '../queue/batch.ts'
import type { Tracing } from './tracing.ts'

/** Stores a batch; calls `onSent` when it is sent to Redis. */
export type Write<Result> = (batch: Batch, onSent: OnSent) => Promise<Result>

/** Returns a write of batches with its span; the same write if nothing is recorded. */
export function tracedWrite<Result> (tracing: Tracing, write: Write<Result>): Write<Result> {
  if (!tracing.isOn) return write
  return async (batch, onSent) => {
    const span = tracing.startSend(batch.events)
    try {
      const result = await write(batch, onSent)
      span?.end()
      return result
    } catch (error) {
      span?.end({ error: (error as Error).message })
      throw error
    }
  }
}
