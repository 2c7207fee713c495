import { Redis } from 'ioredis'
import t from 'tap'
import { post, postBatch, startApp } from '../app.ts'
import { eventually } from '../../rig/eventually.ts'

const EVENT = { type: 'x', payload: null }
const TAKES_NO_WRITES =
  /^Redis refuses writes; (?:the event is not stored|no event of this request is stored)\. Try again in \d+ s\.$/

const table: [what: string, begin: (redis: Redis) => Promise<unknown>, end: (redis: Redis) => Promise<unknown>][] = [
  ['a replica', (redis) => redis.replicaof('127.0.0.1', 1), (redis) => redis.replicaof('NO', 'ONE')],
  [
    'a master without enough replicas',
    (redis) => redis.config('SET', 'min-replicas-to-write', '1'),
    (redis) => redis.config('SET', 'min-replicas-to-write', '0')
  ]
]
for (const [what, begin, end] of table) {
  t.test(`a Redis that is there and takes no writes is not told as out of reach: ${what}`, async (t) => {
    const { app, redis } = await startApp(t, { env: { OUTAGE_PATIENCE_MS: '0' } })
    const admin = new Redis(redis.path)
    t.teardown(async () => { admin.disconnect() })
    await begin(admin)
    // The first ones meet it with their write, the later ones are refused before.
    const answers = []
    do {
      for (
        const answer of await Promise.all([
          post(app, EVENT),
          post(app, { ...EVENT, priority: 1 }),
          postBatch(app, [EVENT, EVENT])
        ])
      ) answers.push(answer)
    } while (app.backpressure.signals.isDepthKnown)
    answers.push(await post(app, EVENT))
    for (const answer of answers) {
      t.match(answer.json(), { status: 503, reason: 'queue-unavailable' })
      // The connection to a replica is made anew at its first answer, whatever else is on its way.
      if (answer.json().mayBeStored !== true) t.match(answer.json(), { detail: TAKES_NO_WRITES })
    }
    await end(admin)
    await eventually('events are stored again', async () => (await post(app, EVENT)).statusCode === 202)
    t.equal(app.backpressure.refusesWrites, false)
  })
}
