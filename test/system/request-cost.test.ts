/*
 * The cost of hostile requests, each alone, to a service in a process of its own. The bars are in CPU time, which other
 * work on the machine does not lengthen by much; the least of several rounds counts.
 */
import { join } from 'node:path'
import t from 'tap'
import { HOSTILE_REQUEST_SHAPE, isHostileRequest } from '../../bench/hostile-request.ts'
import { loadFolder } from '../../services/registry/load-folder.ts'
import { startMeteredService } from '../../rig/metered-service.ts'
import { startRedis } from '../../rig/redis.ts'

const MEGABYTE = 1_048_576
/** For a request below a megabyte. */
const MOST_CPU_MS = 100
/** For any request. */
const MOST_TURN_MS = 50
/** Errors are named and results listed, but an answer is never much larger than what it answers. */
const MOST_ANSWER_BYTES = 3 * MEGABYTE

const ROOMY = {
  QUEUE_RECOVERY_THRESHOLD: '1000000',
  QUEUE_WARNING_THRESHOLD: '2000000',
  QUEUE_CRITICAL_THRESHOLD: '3000000',
  QUEUE_HARD_LIMIT: '4000000'
}

const requests = await loadFolder(
  join(import.meta.dirname, '../../bench/requests'),
  isHostileRequest,
  HOSTILE_REQUEST_SHAPE
)

t.test('no request costs much, and none holds up the others', async (t) => {
  const redis = await startRedis(t)
  const service = await startMeteredService(t, { REDIS_URL: redis.url, ...ROOMY })
  for (const { value: { name, send } } of requests) {
    const act = () => send(service.url)
    let cost = await service.measureWithin({ mostCpuMs: Infinity, mostTurnMs: MOST_TURN_MS }, act)
    if (cost.result.sentBytes < MEGABYTE) {
      cost = await service.measureWithin({ mostCpuMs: MOST_CPU_MS, mostTurnMs: MOST_TURN_MS }, act)
    }
    const { result, cpuMs, longestTurnMs } = cost
    t.comment(`${name}: ${result.status}, ${Math.round(cpuMs)} ms of CPU, ${
      Math.round(longestTurnMs)
    } ms a turn, ${result.answerBytes} bytes`)
    if (result.sentBytes < MEGABYTE) t.ok(cpuMs <= MOST_CPU_MS, `${name} costs ${Math.round(cpuMs)} ms of CPU`)
    t.ok(longestTurnMs <= MOST_TURN_MS, `${name} takes a turn of ${Math.round(longestTurnMs)} ms`)
    t.ok(result.answerBytes <= MOST_ANSWER_BYTES, `${name} is answered with ${result.answerBytes} bytes`)
  }
})
