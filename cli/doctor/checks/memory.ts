import type { Config } from '../../../services/config/schema.ts'
import { count, size } from '../../paint.ts'
import type { Facts, RedisDetails } from '../facts.ts'
import { error, ok, warning, type Check, type Finding } from '../finding.ts'
import { BYTES_PER_EVENT, bytesAdvised, bytesNeeded, eventsThatFit } from '../memory-estimate.ts'
import { detailsOf, numberOf, setting } from '../redis-details.ts'

const ESTIMATE = `estimated at ${BYTES_PER_EVENT} bytes an event, as for events of 250 bytes in full batches; measure with yours, see docs/BACKPRESSURE-CONFIG.md`

/** The rest is for the operating system, the service, and what Redis copies while it rewrites its file. */
const SHARE_OF_MACHINE = 0.75

/** A queue of fewer absorbs no shock. */
const FEW_EVENTS = 1_000

const check: Check = (facts) => {
  const redis = detailsOf(facts)
  if (redis === undefined) return []
  const limit = numberOf(setting(redis, 'maxmemory', 'maxmemory'))
  if (limit === undefined) {
    return [warning('maxmemory is unknown: neither CONFIG nor INFO may be read', 'QUEUE_HARD_LIMIT has to be reached before it', `look it up in the console of the provider: ${size(bytesAdvised(facts.config.QUEUE_HARD_LIMIT, facts.config))} are needed, dead letters and ids included (${ESTIMATE})`)]
  }
  return [limit === 0 ? unlimited(facts, redis) : limited(facts, limit)]
}

function limited ({ config }: Facts, limit: number): Finding {
  const { QUEUE_CRITICAL_THRESHOLD: critical, QUEUE_HARD_LIMIT: hardLimit } = config
  const fits = eventsThatFit(limit, config)
  const advised = bytesAdvised(hardLimit, config)
  if (fits >= hardLimit && limit < advised) return holdsQueueOnly(config, limit, advised)
  if (fits >= hardLimit) return ok(`maxmemory ${size(limit)} holds QUEUE_HARD_LIMIT=${hardLimit} events, their ids and all dead letters (${ESTIMATE})`)
  const raise = `CONFIG SET maxmemory ${advised}`
  if (fits <= critical) {
    return error(
      `maxmemory ${size(limit)} is too little: ${roomFor(fits)}, and load is shed from ${count(critical)} only (${ESTIMATE})`,
      'Redis is full before the circuit opens; it refuses the writes of workers too, so that nothing drains any more',
      fits < FEW_EVENTS ? raise : `${raise}, or lower QUEUE_CRITICAL_THRESHOLD and QUEUE_HARD_LIMIT below ${fits}`
    )
  }
  return error(
    `maxmemory ${size(limit)} is too little for QUEUE_HARD_LIMIT=${hardLimit}: about ${count(fits)} events fit (${ESTIMATE})`,
    'Redis is full before the hard limit keeps critical events out of it; it refuses the writes of workers too, so that nothing drains any more',
    `QUEUE_HARD_LIMIT=${fits}, or ${raise}`
  )
}

function holdsQueueOnly ({ DEAD_LETTER_MAX_EVENTS: letters, QUEUE_HARD_LIMIT: hardLimit }: Config, limit: number, advised: number): Finding {
  return warning(
    `maxmemory ${size(limit)} holds QUEUE_HARD_LIMIT=${hardLimit} events, but not beside DEAD_LETTER_MAX_EVENTS=${letters} dead letters and the ids of the events (${ESTIMATE})`,
    'dead letters pile up while a consumer refuses events, and fill Redis before the hard limit keeps events out of it',
    `CONFIG SET maxmemory ${advised}, or lower DEAD_LETTER_MAX_EVENTS`
  )
}

function roomFor (events: number): string {
  return events < FEW_EVENTS ? 'beside the receipts of RECEIPT_MAX_BATCHES there is no room for events' : `about ${count(events)} events fit`
}

/** Without a limit the machine is one, and ends Redis instead of refusing. */
function unlimited ({ config, machine }: Facts, { info }: RedisDetails): Finding {
  const total = numberOf(info?.total_system_memory) ?? machine.memoryBytes
  const needed = bytesNeeded(config.QUEUE_HARD_LIMIT, config)
  const advised = bytesAdvised(config.QUEUE_HARD_LIMIT, config)
  const why = 'when memory runs out the operating system ends Redis, with whatever it had not written'
  if (needed <= total) return warning(`maxmemory is not set; the machine has ${size(total)}, QUEUE_HARD_LIMIT=${config.QUEUE_HARD_LIMIT} needs ${size(advised)}, dead letters and ids included (${ESTIMATE})`, why, `CONFIG SET maxmemory ${Math.min(advised, Math.floor(total * SHARE_OF_MACHINE))}`)
  const fits = eventsThatFit(total, config)
  return error(`maxmemory is not set, and the machine has ${size(total)} where QUEUE_HARD_LIMIT=${config.QUEUE_HARD_LIMIT} needs ${size(needed)} (${ESTIMATE})`, why, `QUEUE_HARD_LIMIT=${fits}, and CONFIG SET maxmemory ${bytesNeeded(fits, config)}`)
}

export default check
