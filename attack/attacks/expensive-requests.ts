import { join } from 'node:path'
import { HOSTILE_REQUEST_SHAPE, isHostileRequest } from '../../bench/hostile-request.ts'
import { loadFolder } from '../../services/registry/load-folder.ts'
import type { Attack } from '../attack.ts'

const MOST_TURN_MS = 50
/** A request below 1 MiB; larger ones may cost as much more as they are larger. */
const MOST_CPU_MS = 100
const MIB = 1_048_576

export default {
  description: 'the requests of `npm run bench:requests`, each alone',
  isLong: true,
  env: {
    QUEUE_RECOVERY_THRESHOLD: '1000000', QUEUE_WARNING_THRESHOLD: '2000000', QUEUE_CRITICAL_THRESHOLD: '3000000', QUEUE_HARD_LIMIT: '4000000',
    DELIVERY_URL: '', WITHOUT_HANDLER: 'wait'
  },
  run: async ({ target, measureLeast, report }) => {
    const folder = join(import.meta.dirname, '../../bench/requests')
    const requests = await loadFolder(folder, isHostileRequest, HOSTILE_REQUEST_SHAPE)
    for (const { value: { name, send } } of requests) {
      const { result: { status, sentBytes }, cpuMs, longestTurnMs } =
        await measureLeast(() => send(target.url))
      const mostCpuMs = MOST_CPU_MS * Math.max(1, sentBytes / MIB)
      if (status >= 500) report('server-error', `${status} to ${name}`)
      if (cpuMs > mostCpuMs) report('cpu', `${name}: ${cpuMs.toFixed(0)} ms; at most ${mostCpuMs.toFixed(0)}`)
      if (longestTurnMs > MOST_TURN_MS) report('turn', `${name}: ${longestTurnMs.toFixed(0)} ms; at most ${MOST_TURN_MS}`)
    }
    return requests.length
  }
} satisfies Attack
