import type { AddAnswer } from '../admission/in-transit.ts'
import { isReply } from '../redis/outage.ts'
import { FIRST_SHARD, parseBatchId, type Batch } from './batch.ts'

/**
 * Passes the answer to an add on to those who count what is in transit. Never rejects.
 *
 * @param booked the place of the answer of count-batch.lua
 */
export async function passAnswer (
  tell: (answer: AddAnswer) => void, { id, priority }: Batch, answer: Promise<readonly unknown[]>, booked: number
): Promise<void> {
  try {
    const { [booked]: total } = await answer
    const shard = parseBatchId(id)?.shard ?? FIRST_SHARD
    tell(typeof total === 'number' && total > 0 ? { shard, priority, total } : 'nothing')
  } catch (error) {
    tell(isReply(error) ? 'nothing' : 'unknown')
  }
}
