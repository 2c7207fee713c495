import { createHmac, hash } from 'node:crypto'
import { Webhook } from 'standardwebhooks'
import { StartFault } from '../config/start-fault.ts'
import type { QueuedEvent } from '../event/event.ts'

const PREFIX = 'whsec_'

/** Makes headers that prove the sender of a body, by the Standard Webhooks scheme. */
export type Signer = (messageId: string, sentAt: Date, body: string) => Record<string, string>

/**
 * Makes a signer. The library only checks the secret: its hash in JavaScript would be a fifth of the cost of a
 * delivery.
 *
 * @throws StartFault with code DELIVERY_SECRET_INVALID, which does not show the secret
 */
export function createSigner (secret: string): Signer {
  const key = keyOf(secret)
  return (messageId, sentAt, body) => {
    const seconds = String(Math.floor(sentAt.getTime() / 1000))
    const digest = createHmac('sha256', key).update(`${messageId}.${seconds}.${body}`).digest('base64')
    return { 'webhook-id': messageId, 'webhook-timestamp': seconds, 'webhook-signature': `v1,${digest}` }
  }
}

/** Returns the same id for the same events and attempts, so a consumer recognizes a repeated call. */
export function messageIdOf (events: readonly QueuedEvent[]): string {
  const identity = events.map(({ id, organizationId, attempt }) => [id, organizationId ?? null, attempt ?? 1])
  return `msg_${hash('sha256', JSON.stringify(identity), 'hex').slice(0, 32)}`
}

function keyOf (secret: string): Buffer {
  try {
    void new Webhook(secret)
  } catch {
    // The error of the library is dropped: it may quote the secret.
    throw new StartFault(
      'DELIVERY_SECRET_INVALID',
      'DELIVERY_SECRET cannot sign deliveries; set it to base64, with or without whsec_ before it'
    )
  }
  return Buffer.from(secret.startsWith(PREFIX) ? secret.slice(PREFIX.length) : secret, 'base64')
}
