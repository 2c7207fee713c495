import type { Load } from './signals.ts'

/**
 * Depth at which the store would hold so many bytes: what it holds beside the queue stays, and the events of the queue
 * share the rest evenly. Far below zero where the queue alone cannot make that much room, which is a wait without a
 * known end.
 */
export function depthAtBytes ({ signals: { memory: { restBytes } }, depth, bytes }: Load, target: number): number {
  const bytesPerEvent = (bytes - restBytes) / depth
  const canDrain = bytesPerEvent > 0 && Number.isFinite(bytesPerEvent)
  return canDrain ? depth - Math.ceil((bytes - target) / bytesPerEvent) : -Infinity
}
