import type { Load } from './signals.ts'

/**
 * Returns the depth at which the store would hold this many bytes. It assumes that the bytes outside the queue stay,
 * and that events of the queue are equally large. The result is far below zero if the queue cannot free that much; the
 * end of that wait is unknown.
 */
export function depthAtBytes ({ signals: { memory: { restBytes } }, depth, bytes }: Load, target: number): number {
  const bytesPerEvent = (bytes - restBytes) / depth
  const canDrain = bytesPerEvent > 0 && Number.isFinite(bytesPerEvent)
  return canDrain ? depth - Math.ceil((bytes - target) / bytesPerEvent) : -Infinity
}
