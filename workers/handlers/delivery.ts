import type { QueuedEvent } from '../../services/event/event.ts'
import type { Health } from '../../services/delivery/consumer-health.ts'
import { DeliveryClient } from '../../services/delivery/delivery-client.ts'
import { NOT_ALLOWED, outboundOf } from '../../services/delivery/outbound.ts'
import { Reachability } from '../../services/delivery/reachability.ts'
import { traceIdFields } from '../../services/logging/trace-ids.ts'
import type { HandlerContext, HandlerModule } from '../handler.ts'

/** Delivers every batch to DELIVERY_URL. */
const delivery: HandlerModule = {
  order: 20,
  create ({ config, tracing, now: trustedNow, worker, onClose }) {
    const {
      DELIVERY_URL: url, DELIVERY_SECRET: secret, DELIVERY_TIMEOUT_MS: timeoutMs,
      DELIVERY_MAX_RETRY_AFTER_MS: maxRetryAfterMs
    } = config
    if (url === undefined) return undefined
    const outbound = outboundOf(config)
    const client = new DeliveryClient({ url, secret, timeoutMs, maxRetryAfterMs, tracing, outbound, trustedNow })
    const reachability = new Reachability({
      url, timeoutMs, outbound, onReached: () => worker.release('consumer-unreachable')
    })
    onClose(() => reachability.close())
    worker.onPauseSeen((pausedForMs) => client.seePause(pausedForMs))
    let shown: Health['state'] = 'taking'

    const show = (events: readonly QueuedEvent[], reason: string | undefined, { log }: HandlerContext) => {
      const { state, pauseMs } = client.health
      if (state === shown) return
      shown = state
      const fields = { address: client.address, ...traceIdFields(events), reason, pauseMs }
      if (state === 'taking')
        log.info({ event: 'consumer-available', address: client.address }, 'the consumer accepts events again')
      else if (state === 'failing')
        log.warn(
          { event: 'consumer-unavailable', ...fields },
          'the consumer refuses every batch: all workers pause, and one event at a time tests whether it is back'
        )
      else
        log.warn(
          { event: 'consumer-unreachable', ...fields },
          'this worker cannot reach the consumer, so it takes no batch until it can; other workers go on. Check ' +
          (reason?.includes(NOT_ALLOWED) ? 'OUTBOUND_NETWORKS, which has no address of it' : 'the network of this host')
        )
    }

    return {
      kind: 'batch',
      // A call begins at most one time-out after the first call, which may itself wait for a batch that tries the
      // consumer.
      leastTimeMs: () => 4 * timeoutMs,
      handle: async (events, context) => {
        // While one event tries the consumer, other workers take the other batches.
        if (client.health.state === 'out-of-reach') worker.hold('consumer-unreachable')
        const result = await client.deliver(events, context.signal)
        const { state, pauseMs } = client.health
        if (state !== 'out-of-reach') {
          worker.release('consumer-unreachable')
        } else if (!client.isAsking) {
          worker.hold('consumer-unreachable')
          reachability.await(pauseMs)
        }
        show(events, result.outcomes.find((outcome) => outcome.status !== 'done')?.reason, context)
        return result
      }
    }
  }
}

export default delivery
