import { once } from 'node:events'
import net, { type AddressInfo } from 'node:net'
import type { RedisForTest } from './redis.ts'

interface TestWithTeardown {
  teardown: (handler: () => Promise<void>) => unknown
}

/** A way to a Redis that takes its time, and counts how often somebody waited for an answer before the next question. */
export interface SlowRedis {
  readonly url: string
  /** Questions that came after an answer, each with all that came in the same write. */
  roundTrips: number
}

/** Puts a TCP proxy before a Redis that holds back all it passes, in each direction. */
export async function slowDown (t: TestWithTeardown, { path }: Pick<RedisForTest, 'path'>, delayMs: number): Promise<SlowRedis> {
  const sockets = new Set<net.Socket>()
  const slow = { url: '', roundTrips: 0 }
  const server = net.createServer((client) => {
    const redis = net.connect(path)
    let isAnswered = true
    const pass = (from: net.Socket, to: net.Socket, note: () => void) => {
      sockets.add(from)
      from.on('error', () => {})
      from.on('close', () => { to.destroy() })
      from.on('data', (bytes) => {
        note()
        setTimeout(() => { if (!to.destroyed) to.write(bytes) }, delayMs)
      })
    }
    pass(client, redis, () => {
      if (isAnswered) slow.roundTrips++
      isAnswered = false
    })
    pass(redis, client, () => { isAnswered = true })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  slow.url = `redis://127.0.0.1:${(server.address() as AddressInfo).port}`
  t.teardown(async () => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  return slow
}
