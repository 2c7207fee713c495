import { Counter, type Registry } from '@prometheus-io/client'
import type { RefusalCause } from '../producer/entry.ts'
import { showGauge } from './shown.ts'

/** The causes, of which each has its series from the start: the first refusal shows as an increase. */
const CAUSES: Readonly<Record<RefusalCause, true>> = {
  missing: true,
  wrong: true,
  expired: true,
  unknowable: true,
  unverifiable: true,
  'too-many-verifications': true,
  'unfit-claims': true,
  scope: true,
  'organization-mismatch': true,
  'key-busy': true
}

export interface ProducerMetricsOptions {
  /** The keys in force, by their source. */
  keys: () => Readonly<Record<string, number>>
  /** Whether the last reading of the key set failed. */
  isProviderAway: () => boolean
  /** Seconds since the key set in force was read; undefined before the first reading. */
  keySetAgeSeconds: () => number | undefined
}

/** Registers the metrics of keys and JWTs, and returns the function that counts a refused request. */
export function registerProducerMetrics (
  registry: Registry, { keys, isProviderAway, keySetAgeSeconds }: ProducerMetricsOptions
): { refused: (cause: RefusalCause) => void } {
  const refused = new Counter({
    name: 'spillway_producers_refused_total',
    help: 'Requests that were refused because of their key or JWT, before they were counted as events',
    labelNames: ['reason'],
    registers: [registry]
  })
  for (const reason of Object.keys(CAUSES)) refused.inc({ reason }, 0)
  showGauge(registry, {
    name: 'spillway_known_keys', help: 'Keys that this process knows, by their source', label: 'source', read: keys
  })
  showGauge(registry, {
    name: 'spillway_identity_provider_away',
    help: '1 while this process cannot read the key set of JWT_JWKS_URL',
    read: () => Number(isProviderAway())
  })
  showGauge(registry, {
    name: 'spillway_key_set_age_seconds',
    help: 'Seconds since this process last read the key set of JWT_JWKS_URL; NaN before the first reading',
    read: () => keySetAgeSeconds() ?? NaN
  })
  return { refused: (reason) => refused.inc({ reason }) }
}
