import { getHeapStatistics } from 'node:v8'
import fp from 'fastify-plugin'
import { BodiesInFlight } from '../services/admission/bodies-in-flight.ts'
import { TurnedTime } from '../services/clock/turned-time.ts'
import { leastBodyBudget } from '../services/config/body-budget.ts'
import { showGauge } from '../services/metrics/shown.ts'

declare module 'fastify' {
  interface FastifyInstance {
    /** The bodies that this process is receiving, and the budget for them. */
    bodiesInFlight: BodiesInFlight
  }
}

const CHECK_INTERVAL_MS = 1_000

/** A body takes several times its size once it is parsed. */
const SHARE_OF_HEAP = 1 / 8

export default fp(async (fastify) => {
  const { config } = fastify
  const derived = Math.max(Math.floor(getHeapStatistics().heap_size_limit * SHARE_OF_HEAP), leastBodyBudget(config))
  const bodies = new BodiesInFlight(config.BODIES_IN_FLIGHT_BYTES || derived, config.BODY_TIMEOUT_MS)
  showGauge(fastify.metricsRegistry, {
    name: 'spillway_bodies_in_flight_bytes',
    help: 'Bytes of request bodies that were received and are not answered yet',
    read: () => bodies.heldBytes
  })
  showGauge(fastify.metricsRegistry, {
    name: 'spillway_bodies_in_flight_budget_bytes',
    help: 'Most bytes of request bodies that may be in flight in this process',
    read: () => bodies.budgetBytes
  })
  const time = new TurnedTime(performance.now(), 2 * CHECK_INTERVAL_MS)
  const timer = setInterval(() => {
    time.turn(performance.now())
    bodies.expire(time.elapsedMs)
  }, CHECK_INTERVAL_MS).unref()
  fastify.decorate('bodiesInFlight', bodies)
  fastify.addHook('onClose', async () => clearInterval(timer))
}, { name: 'bodies-in-flight', dependencies: ['config', 'metrics'] })
