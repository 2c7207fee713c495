import t from 'tap'
import type { Connection, FeedMessage } from '../../../dashboard/contract.d.ts'
import { Feed } from '../../../dashboard/feed/feed.js'
import { eventually } from '../../../rig/eventually.ts'
import type { Owner } from '../../../rig/owner.ts'

const text = (event: string, id: number, state: unknown = {}) =>
  `id: ${id}\nevent: ${event}\ndata: ${JSON.stringify({ series: {}, incidents: [], state })}\n\n`

const stream = (...pieces: string[]) => new Response(new Blob(pieces).stream())

/** A feed whose requests are answered one after the other; the last answer stays. */
function startFeed (t: Owner, answers: ((init: RequestInit) => Response | Promise<Response>)[]) {
  const asked: Headers[] = []
  const messages: { message: FeedMessage, isWhole: boolean }[] = []
  const connections: Connection[] = []
  const feed = new Feed({
    request: async (_path: string, init: RequestInit) => {
      asked.push(new Headers(init.headers))
      const answer = answers[Math.min(asked.length, answers.length) - 1] as (init: RequestInit) => Response
      return answer(init)
    },
    onMessage: (message: FeedMessage, isWhole: boolean) => { messages.push({ message, isWhole }) },
    onConnection: (connection: Connection) => { connections.push(connection) }
  })
  t.teardown(() => feed.stop())
  feed.start()
  return { feed, asked, messages, connections }
}

/** Never answers, as a server that hangs. */
const silence = ({ signal }: RequestInit) =>
  new Promise<Response>((_resolve, reject) => {
    signal?.addEventListener('abort', () => reject(signal.reason))
  })

t.test('tells the history, then each second, and after a break asks for what it has missed', async (t) => {
  const { asked, messages, connections } = startFeed(t, [
    () => stream(text('history', 10), text('second', 11)),
    () => stream(text('history', 14), text('other', 15), text('second', 15)),
    silence
  ])
  await eventually('the third request', () => asked.length === 3)
  t.strictSame(messages.map(({ isWhole }) => isWhole), [true, false, false, false])
  t.strictSame(asked.map((headers) => headers.get('last-event-id')), [null, '11', '15'])
  t.strictSame(connections.map(({ kind }) => kind), ['live', 'live', 'stale', 'live', 'live', 'stale'])
  t.match(connections[2], { since: Number, why: 'the server closed the stream' })
})

t.test('a server that cannot be reached, or breaks, is tried again', async (t) => {
  const { messages, connections } = startFeed(t, [
    () => { throw new TypeError('fetch failed') },
    () => new Response('', { status: 503 }),
    () => stream(text('history', 10)),
    silence
  ])
  await eventually('a message', () => messages.length === 1)
  t.match(connections.slice(0, 3), [{ kind: 'stale', since: 0, why: 'the server cannot be reached' }, {
    kind: 'stale',
    why: 'the server answers 503'
  }, { kind: 'live' }])
})

t.test('a refusal is final until it is started again', async (t) => {
  const { feed, asked, connections } = startFeed(t, [
    () => new Response('', { status: 401 }),
    () => Response.json({ detail: 'A page of another site sent this request' }, { status: 403 }),
    () => new Response('', { status: 404 }),
    silence
  ])
  for (let started = 1; started <= 3; started++) {
    await eventually('the refusal is told', () => connections.length === started)
    t.equal(asked.length, started)
    feed.start()
  }
  t.strictSame(connections, [{ kind: 'unauthorized' }, {
    kind: 'forbidden',
    detail: 'A page of another site sent this request'
  }, { kind: 'missing' }])
})

t.test('a message that makes no sense is a broken stream, not a broken page', async (t) => {
  const { messages, connections } = startFeed(t, [
    () => stream('id: 1\nevent: history\ndata: {\n\n'),
    () => stream(text('history', 2)),
    silence
  ])
  await eventually('the next message', () => messages.length === 1)
  t.equal(connections[0]?.kind, 'stale')
})
