import { DeliveryClient, type DeliveryOptions } from '../../../services/delivery/delivery-client.ts'
import type { QueuedEvent } from '../../../services/event/event.ts'
import type { Consumer } from '../../../rig/consumer.ts'

export function event (id: string, fields: Partial<QueuedEvent> = {}): QueuedEvent {
  return { id, type: 'telemetry-data', payload: { id }, priority: 5, receivedAt: '2026-03-01T12:00:00.000Z', ...fields }
}

/** So many events, with ids that begin like this. */
export function eventsOf (count: number, name = 'e'): QueuedEvent[] {
  return Array.from({ length: count }, (_, index) => event(`${name}${index}`))
}

export function never (): AbortSignal { return new AbortController().signal }

/** A client whose pauses pass when the test moves `clock.now`. */
export function startClient (options: Partial<DeliveryOptions> & { url: string }) {
  const clock = { now: 1_000 }
  return {
    clock,
    client: new DeliveryClient({ timeoutMs: 60_000, maxRetryAfterMs: 300_000, elapsed: () => clock.now, ...options })
  }
}

/** The ids of the events of a call. */
export function idsOf ({ body }: { body: string }): string[] {
  return (JSON.parse(body) as { id: string }[]).map(({ id }) => id)
}

/** Makes a consumer answer a status to each call that has one of these events, and 200 to the others. */
export function refuse (
  consumer: Consumer, status: number, culprits: readonly string[], headers: Record<string, string> = {}
): void {
  consumer.answer = (call, reply) => {
    if (idsOf(call).some((id) => culprits.includes(id))) reply.writeHead(status, headers).end()
    else reply.end()
  }
}

/** Makes a consumer answer a status to every call. */
export function refuseAll (consumer: Consumer, status: number, headers: Record<string, string> = {}): void {
  consumer.answer = (_call, reply) => { reply.writeHead(status, headers).end() }
}
