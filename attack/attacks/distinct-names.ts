import { memoryMiBOf } from '../../rig/process/usage.ts'
import type { Attack } from '../attack.ts'

const LINES = 5_000
const KINDS = ['type', 'organizationId', 'id', 'sampleKey'] as const
/** Memory that may remain after distinct names, which nobody can use again. */
const MOST_GROWTH_MIB = 220
const MOST_REDIS_MIB = 300
const MIB = 1_048_576

export default {
  description: 'events of as many distinct types, organizations, ids and sample keys, one after the other',
  // Events leave at once, so what grows is what the service remembers of names.
  env: {
    DELIVERY_URL: '', WITHOUT_HANDLER: 'discard', IDEMPOTENCY_MAX_IDS: '10000',
    QUEUE_RECOVERY_THRESHOLD: '1000000', QUEUE_WARNING_THRESHOLD: '2000000', QUEUE_CRITICAL_THRESHOLD: '3000000', QUEUE_HARD_LIMIT: '4000000'
  },
  mostTurnMs: 200,
  run: async ({ target, amount, report, note }) => {
    const total = amount(10_000, 1_000_000)
    for (const kind of KINDS) {
      // The first slice pays for compilers and buffers.
      await stream(target.url, kind, 0)
      const before = memoryMiBOf(target.service.pid).rss
      for (let from = LINES; from < total; from += LINES) {
        const refused = await stream(target.url, kind, from)
        if (refused !== undefined) report('breach', refused)
      }
      const growth = memoryMiBOf(target.service.pid).rss - before
      note(`${total.toLocaleString('en')} distinct texts as ${kind}: memory grew by ${growth.toFixed(0)} MiB`)
      if (growth > MOST_GROWTH_MIB) report('memory', `grew by ${growth.toFixed(0)} MiB; at most ${MOST_GROWTH_MIB}`)
    }
    await Promise.all(['/api/v1/metrics/prometheus', '/api/v1/metrics/queue', '/api/v1/health'].map(async (path) => {
      const page = await (await fetch(target.url + path)).text()
      if (page.includes('distinct-')) report('breach', `${path} repeats a name of a producer`)
      if (page.length > MIB) report('memory', `${path} has ${page.length} bytes`)
    }))
    const redis = await target.redis.usedMemory() / MIB
    note(`Redis holds ${redis.toFixed(0)} MiB after all of them`)
    if (redis > MOST_REDIS_MIB) report('memory', `Redis holds ${redis.toFixed(0)} MiB; at most ${MOST_REDIS_MIB}`)
    return KINDS.length * total
  }
} satisfies Attack

/** Posts a slice of distinct events as a stream; resolves with the refusal, if there is one. */
async function stream (url: string, kind: typeof KINDS[number], from: number): Promise<string | undefined> {
  const lines = Array.from({ length: LINES }, (_, index) => {
    const name = `distinct-${from + index}`
    return JSON.stringify({ type: 'distinct', payload: 1, priority: 5, [kind]: name })
  })
  const answer = await fetch(`${url}/api/v1/events/batch`, {
    method: 'POST', headers: { 'content-type': 'application/x-ndjson' }, body: lines.join('\n')
  })
  const report = await answer.text()
  return answer.status === 202 ? undefined : `${answer.status}: ${report.slice(0, 200)}`
}
