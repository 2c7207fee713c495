import { join } from 'node:path'
import { startNode } from '../../rig/process/child.ts'
import { announcedUrl } from '../../rig/process/started.ts'
import { spillway } from './spillway.ts'
import type { Subject } from './subject.ts'

const CONSUMER = join(import.meta.dirname, 'consumer.ts')

/** The setup of Spillway and its consumer for a case. */
export interface DeliveringShape {
  readonly keys?: Readonly<Record<string, string>>
  /** The capacity of the consumer in events per second; 0 for no limit. */
  readonly capacityPerSecond: number
}

/** Spillway with a worker that delivers to a consumer. */
export function delivering ({ keys = {}, capacityPerSecond }: DeliveringShape): Subject {
  const { start: _, ...rest } = spillway({ hasWorker: true })
  return {
    ...rest,
    start: async (environment) => {
      const consumer = startNode(CONSUMER, { env: { CAPACITY_PER_SECOND: String(capacityPerSecond) } })
      try {
        const url = await announcedUrl(consumer)
        const running = await spillway({ keys: { ...keys, DELIVERY_URL: `${url}/events` }, hasWorker: true })
          .start(environment)
        return {
          ports: { ...running.ports, consumer: Number(new URL(url).port) },
          pids: { ...running.pids, consumer: consumer.pid },
          stop: async () => { await Promise.all([running.stop(), consumer.stop()]) }
        }
      } catch (error) {
        await consumer.stop()
        throw error
      }
    }
  }
}
