import { DeliveryClient } from '../../services/delivery/delivery-client.ts'
import type { HandlerModule } from '../handler.ts'

/** Delivers every batch to DELIVERY_URL. */
const delivery: HandlerModule = {
  order: 20,
  create ({ config }) {
    const { DELIVERY_URL: url, DELIVERY_SECRET: secret, DELIVERY_TIMEOUT_MS: timeoutMs } = config
    if (url === undefined) return undefined
    const client = new DeliveryClient({ url, secret, timeoutMs })
    return { kind: 'batch', handle: (events, { signal }) => client.deliver(events, signal) }
  }
}

export default delivery
