import { createHash } from 'node:crypto'
import { Webhook } from 'standardwebhooks'
import type { QueuedEvent } from '../event/event.ts'

/** The headers that prove who sent a body, by the Standard Webhooks scheme. */
export type Signer = (messageId: string, sentAt: Date, body: string) => Record<string, string>

/**
 * Makes a signer of a secret.
 *
 * @throws Error with code DELIVERY_SECRET_INVALID, which does not show the secret
 */
export function createSigner (secret: string): Signer {
  const webhook = openSecret(secret)
  return (messageId, sentAt, body) => ({
    'webhook-id': messageId,
    'webhook-timestamp': String(Math.floor(sentAt.getTime() / 1000)),
    'webhook-signature': webhook.sign(messageId, sentAt, body)
  })
}

/** The same for the same events at the same attempts, so that a consumer recognizes a call that reaches it twice. */
export function messageIdOf (events: readonly QueuedEvent[]): string {
  const identity = events.map(({ id, organizationId, attempt }) => [id, organizationId ?? null, attempt ?? 1])
  return `msg_${createHash('sha256').update(JSON.stringify(identity)).digest('hex').slice(0, 32)}`
}

function openSecret (secret: string): Webhook {
  try {
    return new Webhook(secret)
  } catch {
    // The library's error is left behind: whatever it says, or will say, of the secret belongs in no log.
    throw Object.assign(new Error('DELIVERY_SECRET cannot be used to sign: it has to be base64, with or without whsec_ before it'), { code: 'DELIVERY_SECRET_INVALID' })
  }
}
