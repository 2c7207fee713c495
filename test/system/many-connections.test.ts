import t, { type Test } from 'tap'
import { eventually } from '../../rig/eventually.ts'
import { startMeteredService, type MeteredService } from '../../rig/metered-service.ts'
import { rawConnection, type RawConnection } from '../../rig/raw-connection.ts'
import { startRedis } from '../../rig/redis.ts'

/** The bound of a turn is 50 ms, and compilers and the collector have their share of a round. */
const MOST_TURN_MS = 60
const ROUNDS = 3

const EVENT = JSON.stringify({ type: 'x', payload: 1, priority: 1 })
const POST =
  `POST /api/v1/events HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: ${EVENT.length}\r\n\r\n${EVENT}`
const head = (path: string, type: string) =>
  `POST ${path} HTTP/1.1\r\nHost: x\r\nContent-Type: ${type}\r\nTransfer-Encoding: chunked\r\n\r\n`
const BODY = head('/api/v1/events', 'application/json')
const STREAM = head('/api/v1/events/batch', 'application/x-ndjson')
const ONE_BYTE = '1\r\n \r\n'

const redis = await startRedis(t)

async function open (t: Test, { url }: MeteredService, count: number): Promise<RawConnection[]> {
  const connections: RawConnection[] = []
  while (connections.length < count) {
    const few = Math.min(100, count - connections.length)
    connections.push(...await Promise.all(Array.from({ length: few }, () => rawConnection(t, url))))
  }
  return connections
}

/** Lets the service find in one turn what all of them send. */
async function sendAtOnce (
  { child }: MeteredService,
  connections: readonly RawConnection[],
  text: string
): Promise<void> {
  const data = Buffer.from(text)
  child.kill('SIGSTOP')
  for (const { socket } of connections) socket.write(data)
  await new Promise((resolve) => { setImmediate(resolve) })
  child.kill('SIGCONT')
}

interface Attack {
  readonly count: number
  /** Sent before the measurement. */
  readonly before?: string
  readonly text: string
}

const ATTACKS: Record<string, Attack> = {
  'bodies in chunks of one byte': { count: 100, text: BODY + ONE_BYTE.repeat(10_000) },
  'heads of streams': { count: 1_900, text: STREAM },
  'a byte of a stream each': { count: 900, before: STREAM, text: ONE_BYTE }
}

for (const [claim, { count, before, text }] of Object.entries(ATTACKS)) {
  t.test(`${claim}, on ${count} connections in one turn, leave turns to a producer beside them`, async (t) => {
    const service = await startMeteredService(t, { REDIS_URL: redis.url, ROLE: 'api', STREAM_MAX_OPEN: '2000' })
    const round = async () => {
      const connections = await open(t, service, count)
      const producer = await rawConnection(t, service.url)
      if (before !== undefined) for (const { socket } of connections) socket.write(before)
      const post = async (posts: number) => {
        producer.socket.write(POST)
        await eventually('the event is answered', () => producer.statuses().length === posts)
      }
      await post(1)
      const cost = await service.measure(async () => {
        await sendAtOnce(service, connections, text)
        for (let posts = 2; posts <= 5; posts++) await post(posts)
        await eventually('all has been read', async () =>
          (await fetch(`${service.url}/api/v1/health/liveness`)).status === 200)
      })
      for (const { socket } of connections) socket.destroy()
      t.strictSame(producer.statuses(), [202, 202, 202, 202, 202])
      return cost
    }
    let longest = Infinity
    for (let rounds = 0; rounds < ROUNDS; rounds++) longest = Math.min(longest, (await round()).longestTurnMs)
    t.ok(longest < MOST_TURN_MS, `${longest.toFixed(1)} ms in one turn`)
  })
}
