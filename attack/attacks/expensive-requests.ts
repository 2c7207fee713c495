import { join } from 'node:path'
import { HOSTILE_REQUEST_SHAPE, isHostileRequest } from '../../bench/hostile-request.ts'
import { loadFolder } from '../../services/registry/load-folder.ts'
import { SMALL_REQUEST, type Attack } from '../attack.ts'

const MIB = 1_048_576

export default {
  description: 'the requests of `npm run bench:requests`, each alone',
  isLong: true,
  env: {
    QUEUE_RECOVERY_THRESHOLD: '1000000', QUEUE_WARNING_THRESHOLD: '2000000', QUEUE_CRITICAL_THRESHOLD: '3000000', QUEUE_HARD_LIMIT: '4000000',
    DELIVERY_URL: '', WITHOUT_HANDLER: 'wait'
  },
  run: async ({ target, costs, report }) => {
    const folder = join(import.meta.dirname, '../../bench/requests')
    const requests = await loadFolder(folder, isHostileRequest, HOSTILE_REQUEST_SHAPE)
    for (const { value: { name, send } } of requests) {
      // A request of several MiB may cost as much more as it is larger; its turns are bounded in the same way.
      const { sentBytes } = await send(target.url)
      const mostCpuMs = SMALL_REQUEST.mostCpuMs * Math.max(1, sentBytes / MIB)
      const { status } = await costs(name, () => send(target.url), { ...SMALL_REQUEST, mostCpuMs })
      if (status >= 500) report('server-error', `${status} to ${name}`)
    }
    return requests.length
  }
} satisfies Attack
