import t from 'tap'
import { ReplayFeed } from '../../../services/dead-letters/replay-feed.ts'
import { Viewers, type ViewerSink } from '../../../services/history/viewers.ts'
import { eventually } from '../../../rig/eventually.ts'
import { startRedis } from '../../../rig/redis.ts'
import { begin, storeDeadLetters, deadLetterOf, startReplaying } from './setup.ts'

interface Viewer extends ViewerSink {
  texts: string[]
  isEnded: boolean
}

function viewer (): Viewer {
  return {
    texts: [],
    isEnded: false,
    write (chunk) { this.texts.push(String(chunk)) },
    end () { this.isEnded = true },
    destroy () { this.isEnded = true },
    writableLength: 0
  }
}

const statuses = ({ texts }: Viewer) =>
  texts.map((text) => JSON.parse(/^event: progress\ndata: (.+)\n\n$/.exec(text)?.[1] as string).status as string)

async function startFeed (t: Parameters<typeof startReplaying>[0]) {
  const replaying = await startReplaying(t, await startRedis(t, { appendonly: true }))
  const { store, replays, deadLetters } = replaying
  await storeDeadLetters(deadLetters, 'batch', [deadLetterOf('a'), deadLetterOf('b')])
  const { id } = await begin(replays, { filter: {} })
  const readIds: string[] = []
  const viewers = new Viewers({ most: 2_000 })
  const feed = new ReplayFeed({
    read: (replayId) => { readIds.push(replayId); return store.get(replayId) },
    viewers,
    onError: (error) => { throw error },
    pollIntervalMs: 5
  })
  t.teardown(() => feed.close())
  const open = async (replayId = id) => {
    const sink = viewer()
    return { sink, isFound: await feed.open(replayId, 'a', () => sink) }
  }
  return {
    ...replaying,
    feed,
    viewers,
    id,
    open,
    reads: () => readIds.length,
    readsOf: (replayId: string) => readIds.filter((read) => read === replayId).length
  }
}

t.test('a thousand viewers of one replay cost Redis the commands of one', async (t) => {
  const { connection, store, open, id, reads, viewers } = await startFeed(t)
  await connection.config('RESETSTAT')
  const opened = await Promise.all(Array.from({ length: 1_000 }, () => open()))
  await eventually('it was read several times', () => reads() >= 10)
  await store.cancel(id)
  await eventually('all streams have ended', () => opened.every(({ sink }) => sink.isEnded))
  const calls = Number(/^cmdstat_hgetall:calls=(\d+),/m.exec(await connection.info('commandstats'))?.[1])
  t.equal(calls, reads(), 'one command for each read')
  for (const { sink } of opened) t.strictSame(statuses(sink), ['running', 'cancelled'], 'each state once')
  t.equal(viewers.count, 0)
})

t.test('a later viewer gets the last state without a read, and the reads end with the last viewer', async (t) => {
  const started = await startFeed(t)
  const { open, feed, id, reads, readsOf, viewers } = started
  const [{ sink: first }, { sink: second }] = [await open(), await open()]
  await eventually('it is read on', () => reads() > 2)
  t.strictSame(statuses(second), ['running'])
  feed.leave(id, first)
  const before = reads()
  await eventually('it is read for the other', () => reads() > before)
  feed.leave(id, second)
  feed.leave(id, second)
  t.equal(viewers.count, 0)
  const { replays } = started
  const other = await begin(replays, { filter: {} })
  const { sink } = await open(other.id)
  const last = readsOf(id)
  const from = readsOf(other.id)
  await eventually('the other replay is read on', () => readsOf(other.id) > from + 5)
  t.equal(readsOf(id), last, 'nobody reads the one that nobody watches')
  feed.leave(other.id, sink)
  t.strictSame(statuses((await open()).sink), ['running'], 'it can be watched anew')
})

t.test('a replay that is over is told once, one that there is not is not found', async (t) => {
  const { open, store, id, viewers } = await startFeed(t)
  await store.cancel(id)
  const { sink } = await open()
  t.strictSame(statuses(sink), ['cancelled'])
  t.ok(sink.isEnded)
  const found = await Promise.all(Array.from({ length: 10 }, () => open('00000000-0000-4000-8000-000000000000')))
  t.ok(found.every(({ isFound }) => !isFound))
  t.equal(viewers.count, 0)
})

t.test('viewers of one replay are told nothing of another', async (t) => {
  const { open, store, replays, id } = await startFeed(t)
  const other = await begin(replays, { filter: {} })
  const [{ sink: first }, { sink: second }] = [await open(), await open(other.id)]
  await store.cancel(id)
  await eventually('its stream has ended', () => first.isEnded)
  await store.cancel(other.id)
  await eventually('the other one too', () => second.isEnded)
  for (const sink of [first, second]) t.strictSame(statuses(sink), ['running', 'cancelled'])
})

t.test('an outage ends the first read, and a stream goes on after one', async (t) => {
  const { open, store, redis, connection, id } = await startFeed(t)
  const { sink } = await open()
  await redis.kill()
  await eventually('it is lost', () => connection.status !== 'ready')
  await redis.start()
  await eventually('it is back', () => connection.status === 'ready')
  await store.cancel(id)
  await eventually('the stream has ended', () => sink.isEnded)
  t.strictSame(statuses(sink), ['running', 'cancelled'])
  await redis.kill()
  await eventually('it is lost again', () => connection.status !== 'ready')
  await t.rejects(open())
})
