import t from 'tap'
import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { runClosedLoop } from '../../../rig/load/closed-loop.ts'
import { runOpenLoop } from '../../../rig/load/open-loop.ts'
import { runStream } from '../../../rig/load/stream.ts'
import type { Owner } from '../../../rig/owner.ts'

const requests = [1, 2].map((n) => ({ method: 'POST' as const, path: '/', headers: {}, body: `{"n":${n}}` }))
const timing = { requests, eventsPerRequest: 1, watch: {}, warmUpMs: 20, measuredMs: 100 }
const ENOUGH_TURNS = 16
const LONGEST_MS = 30_000

async function listen (t: Owner, onRequest: RequestListener): Promise<number> {
  const server = createServer(onRequest).listen(0, '127.0.0.1')
  t.teardown(() => { server.closeAllConnections(); server.close() })
  await once(server, 'listening')
  return (server.address() as AddressInfo).port
}

/** Accepts, sheds, closes the connection with its answer, and breaks off, in turn. */
function moody (): RequestListener {
  let turn = 0
  return async (request, response) => {
    await text(request)
    switch (turn++ % 4) {
      case 0: return response.writeHead(202).end('{}')
      case 1: return response.writeHead(503).end('{}')
      case 2: return response.writeHead(202, { connection: 'close' }).end('{}')
      default: return request.socket.destroy()
    }
  }
}

t.test('a closed loop counts what it is answered, and goes on after a lost connection', async (t) => {
  const port = await listen(t, moody())
  const run = (measuredMs: number) => runClosedLoop({ kind: 'closed', port, connections: 3, ...timing, measuredMs })
  let result = await run(timing.measuredMs)
  // On a busy machine a moment may pass with next to no turn.
  for (
    let measuredMs = timing.measuredMs;
    result.accepted + result.shed + result.failed < ENOUGH_TURNS && measuredMs < LONGEST_MS;
    measuredMs *= 2
  ) result = await run(2 * measuredMs)
  const { accepted, shed, other, failed, events } = result
  t.ok(accepted > shed && shed > 0 && failed > 0, `${accepted} accepted, ${shed} shed, ${failed} failed`)
  t.equal(other, 0)
  t.equal(events, accepted)
})

t.test('an open loop owes an outcome for every request that was due', async (t) => {
  const port = await listen(t, moody())
  const { accepted, shed, other, failed } = await runOpenLoop({
    kind: 'open',
    port,
    ratePerSecond: 1_000,
    mostConnections: 4,
    patienceMs: 10_000,
    ...timing
  })
  t.equal(accepted + shed + other + failed, 100)
  t.ok(accepted > 0 && shed > 0 && failed > 0)
})

t.test('what an open loop is never answered counts as failed, with the time that it waited', async (t) => {
  t.plan(2)
  const port = await listen(t, (request) => {
    request.resume()
  })
  const { failed, p50Ms } = await runOpenLoop({
    kind: 'open',
    port,
    ratePerSecond: 200,
    mostConnections: 2,
    patienceMs: 50,
    ...timing
  })
  t.equal(failed, 20)
  t.ok(p50Ms >= 50)
})

t.test('a stream brings as many lines as it should, and takes the counts from its answer', async (t) => {
  const counts: number[] = []
  const port = await listen(t, async (request, response) => {
    const lines = (await text(request)).split('\n').filter((line) => line !== '')
    counts.push(lines.length)
    response.end(JSON.stringify({ accepted: lines.length - 1, shed: 1 }))
  })
  const { accepted, shed, failed, events } = await runStream({
    kind: 'stream',
    port,
    watch: {},
    path: '/',
    headers: {},
    lines: ['{"n":1}', '{"n":2}'],
    warmUpEvents: 10,
    events: 1_001
  })
  t.strictSame(counts, [10, 1_001])
  t.strictSame({ accepted, shed, failed, events }, { accepted: 1_000, shed: 1, failed: 0, events: 1_000 })
})
