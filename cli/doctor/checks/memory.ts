import { CRITICAL_SHARE, HARD_SHARE, MOST_HARD_SHARE } from '../../../services/admission/memory.ts'
import { count, size } from '../../paint.ts'
import type { Facts, RedisDetails } from '../facts.ts'
import { error, ok, warning, type Check, type Finding } from '../finding.ts'
import { BYTES_PER_EVENT, bytesNeeded, eventsThatFit } from '../memory-estimate.ts'
import { detailsOf, numberOf, setting } from '../redis-details.ts'

const ESTIMATE =
  `besides dead letters, receipts and remembered ids; an estimate of ${BYTES_PER_EVENT} bytes per event, for events of 250 bytes in full batches; measure yours, see docs/BACKPRESSURE-CONFIG.md`

/** A queue with room for fewer events is too small to absorb a burst. */
const FEW_EVENTS = 1_000

const check: Check = (facts) => {
  const redis = detailsOf(facts)
  if (redis === undefined) return []
  const limit = numberOf(setting(redis, 'maxmemory', 'maxmemory'))
  if (limit === undefined) {
    return [
      warning(
        'maxmemory is unknown: Redis refuses CONFIG and INFO',
        'Redis must hold QUEUE_HARD_LIMIT events before it reaches maxmemory',
        `look it up in the console of the provider: ${
          size(bytesNeeded(facts.config.QUEUE_HARD_LIMIT, facts.config))
        } are needed (${ESTIMATE})`
      )
    ]
  }
  return [limit === 0 ? unlimited(facts, redis) : limited(facts, limit), ...unreachable(facts.config, limit)]
}

function limited ({ config }: Facts, limit: number): Finding {
  const { QUEUE_CRITICAL_THRESHOLD: critical, QUEUE_HARD_LIMIT: hardLimit } = config
  const fits = eventsThatFit(limit, config)
  const needed = bytesNeeded(hardLimit, config)
  if (fits >= hardLimit) return ok(`maxmemory ${size(limit)} holds QUEUE_HARD_LIMIT=${hardLimit} events (${ESTIMATE})`)
  const raise = `CONFIG SET maxmemory ${needed}`
  if (fits <= critical) {
    return error(
      `maxmemory ${size(limit)} is too little: ${roomFor(fits)}, and load is shed from ${
        count(critical)
      } only (${ESTIMATE})`,
      'bytes open the circuit, at QUEUE_CRITICAL_BYTES, long before the thresholds in events do',
      fits < FEW_EVENTS ? raise : `${raise}, or lower QUEUE_CRITICAL_THRESHOLD and QUEUE_HARD_LIMIT below ${fits}`
    )
  }
  return error(
    `maxmemory ${size(limit)} is too little for QUEUE_HARD_LIMIT=${hardLimit}: about ${
      count(fits)
    } events fit (${ESTIMATE})`,
    'Spillway keeps critical events out of Redis at QUEUE_HARD_BYTES, before the hard limit',
    `QUEUE_HARD_LIMIT=${fits}, or ${raise}`
  )
}

/** Finds thresholds in bytes that exceed the memory of Redis; the service lowers them. */
function unreachable (
  { QUEUE_CRITICAL_BYTES: critical, QUEUE_HARD_BYTES: hard }: Facts['config'],
  limit: number
): Finding[] {
  const [key, bytes] = hard > 0 ? ['QUEUE_HARD_BYTES', hard] : ['QUEUE_CRITICAL_BYTES', critical]
  if (limit === 0 || bytes <= limit * MOST_HARD_SHARE) return []
  return [warning(
    `${key}=${bytes} is more than ${MOST_HARD_SHARE} of maxmemory ${size(limit)}`,
    'the service uses the lower value, since a full Redis also refuses the writes of workers',
    `${key}=${Math.floor(limit * (key === 'QUEUE_HARD_BYTES' ? HARD_SHARE : CRITICAL_SHARE))}, or 0`
  )]
}

function roomFor (events: number): string {
  return events < FEW_EVENTS
    ? 'the receipts of RECEIPT_MAX_BATCHES leave no room for events'
    : `about ${count(events)} events fit`
}

/** Without maxmemory the machine is the limit: it kills Redis instead of refusing writes. */
function unlimited ({ config, machine }: Facts, { info }: RedisDetails): Finding {
  const total = numberOf(info?.total_system_memory) ?? machine.memoryBytes
  const needed = bytesNeeded(config.QUEUE_HARD_LIMIT, config)
  const why = 'when memory runs out, the operating system kills Redis, and unwritten data is lost'
  if (needed <= total)
    return warning(
      `maxmemory is not set; the machine has ${size(total)}, QUEUE_HARD_LIMIT=${config.QUEUE_HARD_LIMIT} needs ${
        size(needed)
      } (${ESTIMATE})`,
      why,
      `CONFIG SET maxmemory ${needed}`
    )
  const fits = eventsThatFit(total, config)
  return error(
    `maxmemory is not set, and the machine has ${size(total)} where QUEUE_HARD_LIMIT=${config.QUEUE_HARD_LIMIT} needs ${
      size(needed)
    } (${ESTIMATE})`,
    why,
    `QUEUE_HARD_LIMIT=${fits}, and CONFIG SET maxmemory ${bytesNeeded(fits, config)}`
  )
}

export default check
