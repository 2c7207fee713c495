import { createHash } from 'node:crypto'
import t from 'tap'
import { SpillwayClient } from '../../../clients/typescript/client.ts'
import type { SpillwayClientOptions } from '../../../clients/typescript/options.ts'
import { startApp, storedEvents } from '../../app.ts'
import type { Owner } from '../../../rig/owner.ts'

interface Sent { encoding: string | null, isText: boolean, status: number }

/** A client that records its requests; `answer` may take the place of the service. */
function recording (t: Owner, options: SpillwayClientOptions, answer?: (sent: Omit<Sent, 'status'>) => Response | undefined) {
  const requests: Sent[] = []
  const client = new SpillwayClient({
    ...options,
    fetch: async (input, init) => {
      const sent = { encoding: new Headers(init?.headers).get('content-encoding'), isText: typeof init?.body === 'string' }
      const response = answer?.(sent) ?? await fetch(input, init)
      requests.push({ ...sent, status: response.status })
      return response
    }
  })
  t.teardown(() => client.close({ signal: AbortSignal.abort() }))
  return { client, requests }
}

/** Hexadecimal digits: text that compresses to half of its size. */
const text = (length: number) => createHash('shake256', { outputLength: length / 2 }).update(String(length)).digest('hex')

const { app } = await startApp(t)
const url = await app.listen({ host: '127.0.0.1', port: 0 })
const PLAIN = { encoding: null, isText: true }
const GZIP = { encoding: 'gzip', isText: false }

t.test('compresses from a size on, and the service stores the same event', async (t) => {
  const { client, requests } = recording(t, { url })
  for (const length of [100, 17_000]) {
    const payload = `ä${text(length)}`
    t.match(await client.send({ type: 'x', payload, id: String(length) }), { status: 'accepted' })
    t.strictSame((await storedEvents(app)).find(({ id }) => id.startsWith(`${length}`))?.payload, payload)
  }
  t.strictSame(requests, [{ ...PLAIN, status: 202 }, { ...GZIP, status: 202 }])
})

t.test('never compresses if it must not', async (t) => {
  const { client, requests } = recording(t, { url, compressFromBytes: Infinity })
  t.match(await client.send({ type: 'x', payload: text(20_000) }), { status: 'accepted' })
  t.strictSame(requests, [{ ...PLAIN, status: 202 }])
})

t.test('sends text that compresses more than the service accepts as it is', async (t) => {
  const { client, requests } = recording(t, { url })
  t.match(await client.send({ type: 'x', payload: 'x'.repeat(900_000) }), { status: 'accepted' })
  t.strictSame(requests, [{ ...PLAIN, status: 202 }])
})

t.test('sends a body that is refused for its coding again as it is, and compresses none after it', async (t) => {
  const { client, requests } = recording(t, { url }, ({ encoding }) =>
    encoding === null ? undefined : new Response('', { status: 415 }))
  for (const _ of [1, 2]) t.match(await client.send({ type: 'x', payload: text(20_000) }), { status: 'accepted' })
  t.strictSame(requests, [{ ...GZIP, status: 415 }, { ...PLAIN, status: 202 }, { ...PLAIN, status: 202 }])
})
