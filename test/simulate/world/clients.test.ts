import t from 'tap'
import { registries } from '../tiny-world.ts'

/** Name, offers so far, Retry-After in seconds, and the shortest and the longest wait in milliseconds. */
const WAITS: [name: string, offers: number, retryAfter: number | undefined, least: number, most: number][] = [
  ['none', 1, 10, Infinity, Infinity],
  ['immediate', 1, 10, 0, 20],
  ['immediate', 3, 10, 0, 20],
  ['immediate', 4, 10, Infinity, Infinity],
  ['exact', 1, 10, 10_000, 10_000],
  ['exact', 1, undefined, 0, 1_000],
  ['jitter', 1, 10, 10_000, 12_500],
  ['jitter', 4, undefined, 0, 8_000],
  ['backoff', 1, 10, 0, 1_000],
  ['backoff', 4, 10, 0, 8_000],
  ['backoff', 5, 10, 0, 16_000],
  ['backoff', 50, 10, 0, 60_000]
]

t.test('clients come back in their own ways', async (t) => {
  for (const [name, offers, retryAfter, least, most] of WAITS) {
    for (const uniform of [0.001, 0.5, 0.999]) {
      const waitMs = registries.clients.get(name)!.comesBackAfterMs(offers, retryAfter, uniform)
      t.ok(waitMs >= least && waitMs <= most, `${name} after ${offers} offers: ${waitMs}`)
    }
  }
})
