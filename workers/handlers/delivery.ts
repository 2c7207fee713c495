import { DeliveryClient } from '../../services/delivery/delivery-client.ts'
import { traceIdFields } from '../../services/logging/trace-ids.ts'
import type { HandlerModule } from '../handler.ts'

/** Delivers every batch to DELIVERY_URL. */
const delivery: HandlerModule = {
  order: 20,
  create ({ config, tracing }) {
    const { DELIVERY_URL: url, DELIVERY_SECRET: secret, DELIVERY_TIMEOUT_MS: timeoutMs } = config
    if (url === undefined) return undefined
    const client = new DeliveryClient({ url, secret, timeoutMs, tracing })
    let isAway = false
    return {
      kind: 'batch',
      // Each event alone twice over, if the consumer takes no two together, and a wait for another batch that asks after it.
      leastTimeMs: (events) => 2 * (events + 1) * timeoutMs,
      handle: async (events, { signal, log }) => {
        const result = await client.deliver(events, signal)
        const isPausing = result.pauseMs !== undefined && result.pauseMs > 0
        if (isPausing && !isAway) {
          const reason = result.outcomes.find((outcome) => outcome.status !== 'done')?.reason
          log.warn({ event: 'consumer-unavailable', ...traceIdFields(events), reason, pauseMs: result.pauseMs }, 'the consumer cannot take events: deliveries pause')
        } else if (!isPausing && isAway) {
          log.info({ event: 'consumer-available' }, 'the consumer takes events again')
        }
        isAway = isPausing
        return result
      }
    }
  }
}

export default delivery
