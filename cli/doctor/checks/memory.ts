import { CRITICAL_SHARE, HARD_SHARE, MOST_HARD_SHARE } from '../../../services/admission/memory.ts'
import { count, size } from '../../paint.ts'
import type { Facts, RedisDetails } from '../facts.ts'
import { error, ok, warning, type Check, type Finding } from '../finding.ts'
import { BYTES_PER_EVENT, bytesNeeded, eventsThatFit } from '../memory-estimate.ts'
import { detailsOf, numberOf, setting } from '../redis-details.ts'

const ESTIMATE = `beside dead letters, receipts and remembered ids; estimated at ${BYTES_PER_EVENT} bytes an event, as for events of 250 bytes in full batches; measure with yours, see docs/BACKPRESSURE-CONFIG.md`

/** A queue of fewer absorbs no shock. */
const FEW_EVENTS = 1_000

const check: Check = (facts) => {
  const redis = detailsOf(facts)
  if (redis === undefined) return []
  const limit = numberOf(setting(redis, 'maxmemory', 'maxmemory'))
  if (limit === undefined) {
    return [warning('maxmemory is unknown: neither CONFIG nor INFO may be read', 'QUEUE_HARD_LIMIT has to be reached before it', `look it up in the console of the provider: ${size(bytesNeeded(facts.config.QUEUE_HARD_LIMIT, facts.config))} are needed (${ESTIMATE})`)]
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
      `maxmemory ${size(limit)} is too little: ${roomFor(fits)}, and load is shed from ${count(critical)} only (${ESTIMATE})`,
      'bytes open the circuit, at QUEUE_CRITICAL_BYTES, long before events do: the thresholds in events say nothing',
      fits < FEW_EVENTS ? raise : `${raise}, or lower QUEUE_CRITICAL_THRESHOLD and QUEUE_HARD_LIMIT below ${fits}`
    )
  }
  return error(
    `maxmemory ${size(limit)} is too little for QUEUE_HARD_LIMIT=${hardLimit}: about ${count(fits)} events fit (${ESTIMATE})`,
    'bytes keep critical events out of Redis, at QUEUE_HARD_BYTES, before the hard limit does',
    `QUEUE_HARD_LIMIT=${fits}, or ${raise}`
  )
}

/** Thresholds in bytes that Redis does not have the memory for; the service lowers them. */
function unreachable ({ QUEUE_CRITICAL_BYTES: critical, QUEUE_HARD_BYTES: hard }: Facts['config'], limit: number): Finding[] {
  const [key, bytes] = hard > 0 ? ['QUEUE_HARD_BYTES', hard] : ['QUEUE_CRITICAL_BYTES', critical]
  if (limit === 0 || bytes <= limit * MOST_HARD_SHARE) return []
  return [warning(
    `${key}=${bytes} is more than ${MOST_HARD_SHARE} of maxmemory ${size(limit)}`,
    'the service takes what is less, since a full Redis refuses the writes of workers too',
    `${key}=${Math.floor(limit * (key === 'QUEUE_HARD_BYTES' ? HARD_SHARE : CRITICAL_SHARE))}, or 0`
  )]
}

function roomFor (events: number): string {
  return events < FEW_EVENTS ? 'beside the receipts of RECEIPT_MAX_BATCHES there is no room for events' : `about ${count(events)} events fit`
}

/** Without a limit the machine is one, and ends Redis instead of refusing. */
function unlimited ({ config, machine }: Facts, { info }: RedisDetails): Finding {
  const total = numberOf(info?.total_system_memory) ?? machine.memoryBytes
  const needed = bytesNeeded(config.QUEUE_HARD_LIMIT, config)
  const why = 'when memory runs out the operating system ends Redis, with whatever it had not written'
  if (needed <= total) return warning(`maxmemory is not set; the machine has ${size(total)}, QUEUE_HARD_LIMIT=${config.QUEUE_HARD_LIMIT} needs ${size(needed)} (${ESTIMATE})`, why, `CONFIG SET maxmemory ${needed}`)
  const fits = eventsThatFit(total, config)
  return error(`maxmemory is not set, and the machine has ${size(total)} where QUEUE_HARD_LIMIT=${config.QUEUE_HARD_LIMIT} needs ${size(needed)} (${ESTIMATE})`, why, `QUEUE_HARD_LIMIT=${fits}, and CONFIG SET maxmemory ${bytesNeeded(fits, config)}`)
}

export default check
