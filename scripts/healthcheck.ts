/*
 * Checks the liveness of the Spillway in this container; exit code 0 or 1. Reads ROLE, PORT and WORKER_PORT like
 * Spillway. PORT has liveness with ADMIN_PORT too.
 */
import { ConfigSchema } from '../services/config/schema.ts'

const TIMEOUT_MS = 2_000

const value = (key: 'ROLE' | 'PORT' | 'WORKER_PORT') => process.env[key] || ConfigSchema.properties[key].default
const port = value(value('ROLE') === 'worker' ? 'WORKER_PORT' : 'PORT')
const answer = await fetch(`http://127.0.0.1:${port}/api/v1/health/liveness`, {
  signal: AbortSignal.timeout(TIMEOUT_MS)
}).catch(() => undefined)
process.exitCode = answer?.ok ? 0 : 1
