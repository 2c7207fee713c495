import { getHeapStatistics } from 'node:v8'
import fp from 'fastify-plugin'
import { BodiesInFlight } from '../services/admission/bodies-in-flight.ts'
import { TurnedTime } from '../services/clock/turned-time.ts'
import { bodyBudget } from '../services/config/body-budget.ts'
import { showGauge } from '../services/metrics/shown.ts'

declare module 'fastify' {
  interface FastifyInstance {
    /** The request bodies that this process is receiving, and the budget for them. */
    bodiesInFlight: BodiesInFlight
  }
}

const CHECK_INTERVAL_MS = 1_000

export default fp(async (fastify) => {
  const { config } = fastify
  const budgetBytes = bodyBudget(config, getHeapStatistics().heap_size_limit)
  const bodies = new BodiesInFlight(budgetBytes, config.BODY_TIMEOUT_MS)
  showGauge(fastify.metricsRegistry, {
    name: 'spillway_bodies_in_flight_bytes',
    help: 'Bytes of request bodies that the process has received and not answered yet',
    read: () => bodies.heldBytes
  })
  showGauge(fastify.metricsRegistry, {
    name: 'spillway_bodies_in_flight_budget_bytes',
    help: 'Limit on the bytes of request bodies in flight in this process',
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
