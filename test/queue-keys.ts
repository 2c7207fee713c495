import { loadConfig } from '../services/config/load-config.ts'
import { QueueKeys } from '../services/queue/keys.ts'

/** The namespace of a service with the default configuration, so that a test can share a Redis with one. */
export const { NAMESPACE } = loadConfig({})

/** Its keys. */
export const KEYS = new QueueKeys(NAMESPACE)
