import { ok, warning, type Check, type Finding } from '../finding.ts'
import { detailsOf } from '../redis-details.ts'

const check: Check = (facts) => {
  const details = detailsOf(facts)
  const { QUEUE_SHARDS: configured, QUEUE_HARD_LIMIT: hardLimit, BATCH_MAX_EVENTS: batchEvents } = facts.config
  const { shards, opened } = details?.shards ?? { shards: 1, opened: 1 }
  if (details === undefined) return []
  const found: Finding[] = []
  if (details.shards !== undefined && configured !== shards) {
    found.push(warning(
      `QUEUE_SHARDS=${configured} here, and the service has ${shards}`,
      'the highest number of all running processes counts',
      `QUEUE_SHARDS=${shards}, or restart the other processes with ${configured}`
    ))
  }
  if (opened > shards) {
    found.push(warning(
      `${opened - shards} shards that were removed still hold events or remembered ids`,
      'workers process what is left, and ids are looked up there',
      'keep workers running until this is gone'
    ))
  }
  if (configured > 1 && hardLimit < configured * batchEvents) {
    found.push(warning(
      `a part of QUEUE_HARD_LIMIT=${hardLimit} for each of ${configured} shards is less than a full batch`,
      'a shard refuses batches that do not fit into its part, even if the queue is empty',
      `QUEUE_HARD_LIMIT above ${configured * batchEvents}, or a smaller BATCH_MAX_EVENTS`
    ))
  }
  return found.length > 0 ? found : [ok(configured === 1 ? 'a single shard' : `${configured} shards`)]
}

export default check
