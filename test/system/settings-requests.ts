import type { Test } from 'tap'
import type { FastifyInstance } from 'fastify'
import { startApp } from '../app.ts'
import { capturedLog } from '../captured-log.ts'
import type { RedisProcess } from '../../rig/redis.ts'

/** The same as settings. */
export const CONFIGURED = { warning: 200, critical: 1_000, recovery: 100, hardLimit: 5_000 }

/** The settings of control while none is set. */
export const CONTROL = {
  thresholds: 'static', budgetsMs: { critical: 2_000, normal: 30_000, low: 300_000 }, shedding: 'cliff', sampling: 'off',
  fairness: 'off', fairOrder: 'off', forecast: 'observe'
}

/** The settings of quotas while none is set. */
export const QUOTAS = { mode: 'true', enforcement: 'hard', whileAway: 'strict', organizations: {} }

/** The thresholds of the environment. */
export const ENV = {
  QUEUE_WARNING_THRESHOLD: '200',
  QUEUE_CRITICAL_THRESHOLD: '1000',
  QUEUE_RECOVERY_THRESHOLD: '100',
  QUEUE_HARD_LIMIT: '5000'
}

/** The path of the settings. */
export const SETTINGS = '/api/v1/settings'

/** Changes settings. */
export const patch = (app: FastifyInstance, payload: unknown, headers: Record<string, string> = {}) => app.inject({
  method: 'PATCH', url: SETTINGS, headers: { 'content-type': 'application/merge-patch+json', ...headers },
  payload: typeof payload === 'string' ? payload : JSON.stringify(payload)
})

/** Restores the settings of a version. */
export const rollback = (app: FastifyInstance, payload: object, headers: Record<string, string> = {}) =>
  app.inject({ method: 'POST', url: `${SETTINGS}/rollback`, headers, payload })

/** Reads the settings. */
export const get = async (app: FastifyInstance) => (await app.inject(SETTINGS)).json()

/** Reads the changes. */
export const history = async (app: FastifyInstance) => (await app.inject(`${SETTINGS}/history`)).json().changes

/** A change of thresholds. */
export const thresholds = (values: Record<string, unknown>) => ({ backpressure: { thresholds: values } })

/** The fields that a refusal names. */
export const fieldsOf = (body: { errors: { field: string }[] }) => body.errors.map(({ field }) => field).toSorted()

/** Starts replicas on one Redis, which log together. */
export async function startReplicas (t: Test, redis: RedisProcess, count = 3, log = capturedLog('warn')) {
  const apps: FastifyInstance[] = []
  for (let replica = 0; replica < count; replica++) {
    apps.push((await startApp(t, { redis, env: ENV, log: log.log })).app)
  }
  return { apps: apps as [FastifyInstance, FastifyInstance, FastifyInstance], lines: log.lines }
}
