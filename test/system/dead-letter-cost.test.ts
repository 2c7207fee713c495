import t from 'tap'
import { eventually } from '../../rig/eventually.ts'
import { startMeteredService } from '../../rig/metered-service.ts'
import { storeDeadLetters, deadLetterOf } from '../services/dead-letters/setup.ts'
import { startConsumer } from '../../rig/consumer.ts'
import { startQueue } from '../services/queue/setup.ts'
import { startServer } from '../../rig/spawned-server.ts'

const BOUNDS = { mostCpuMs: 100, mostTurnMs: 50 }
const { mostCpuMs: MOST_CPU_MS, mostTurnMs: MOST_TURN_MS } = BOUNDS

/** So many bytes of what is slow to parse. */
const payloadOf = (bytes: number) => `[${'[],'.repeat(bytes / 12)}${'1,'.repeat(bytes * 3 / 8)}1]`

const table: [claim: string, payloadText: string, count: number][] = [
  ['of nearly a mebibyte', payloadOf(1_040_000), 6],
  ['of 16,000 bytes', payloadOf(16_000), 300],
  ['of 900 bytes', payloadOf(900), 1_000]
]

for (const [claim, payloadText, count] of table) {
  t.test(`the cost of a page of dead letters ${claim} is bounded`, async (t) => {
    const { redis, deadLetters: store } = await startQueue(t)
    for (let index = 0; index < count; index += 50) {
      await storeDeadLetters(store, `b${index}`, Array.from({ length: Math.min(50, count - index) }, (_, place) =>
        deadLetterOf(`a${index + place}`, { payload: undefined, payloadText })))
    }
    const service = await startMeteredService(t, { REDIS_URL: redis.url, ROLE: 'api' })
    const list = `${service.url}/api/v1/dead-letters`
    const ids: string[] = []
    for (let page = `${list}?limit=1000`; ids.length < count;) {
      const { cpuMs, longestTurnMs, result } =
        await service.measureWithin(BOUNDS, async () => await (await fetch(page)).text())
      t.ok(cpuMs < MOST_CPU_MS, `${cpuMs.toFixed(1)} ms of CPU`)
      t.ok(longestTurnMs < MOST_TURN_MS, `${longestTurnMs.toFixed(1)} ms in one turn`)
      t.ok(result.includes(`"payload":${payloadText}`), 'payloads are in the text that they were posted in')
      const { deadLetters, next } = JSON.parse(result) as { deadLetters: { id: string }[], next?: string }
      ids.push(...deadLetters.map(({ id }) => id))
      page = `${list}?limit=1000&cursor=${next}`
    }
    t.equal(new Set(ids).size, count)
    const one = await service.measureWithin(BOUNDS, async () => (await fetch(`${list}/${ids[0]}`)).status)
    t.ok(one.longestTurnMs < MOST_TURN_MS, `${one.longestTurnMs.toFixed(1)} ms in one turn for one of them`)
    await startServer(t, { REDIS_URL: redis.url, ROLE: 'worker', DELIVERY_URL: (await startConsumer(t)).url })
    const { longestTurnMs } = await service.measure(async () => {
      const answer = await fetch(`${list}/replay`, {
        method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ ids })
      })
      const { id } = await answer.json() as { id: string }
      await eventually('all are queued again', async () =>
        (await (await fetch(`${list}/replays/${id}`)).json() as { status: string }).status === 'done')
    })
    t.ok(longestTurnMs < MOST_TURN_MS, `${longestTurnMs.toFixed(1)} ms in one turn for a replay`)
  })
}
