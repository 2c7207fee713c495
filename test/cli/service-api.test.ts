import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import t, { type Test } from 'tap'
import { ServiceApi } from '../../cli/service-api.ts'
import { blockLoop } from '../block-loop.ts'

const TIMEOUT_MS = 300

async function startApi (t: Test, answer: RequestListener): Promise<ServiceApi> {
  const server = createServer(answer).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => { server.closeAllConnections(); server.close() })
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return new ServiceApi({ url, shownUrl: url, namedBy: '--url' }, undefined, new AbortController().signal, TIMEOUT_MS)
}

t.test('reads an answer that came while this process stood still', async (t) => {
  const api = await startApi(t, (_request, reply) => { reply.end('{}', () => blockLoop(3 * TIMEOUT_MS)) })
  t.match(await api.fetch('GET', ''), { status: 200, text: '{}' })
})

t.test('says after a while that nobody answers', async (t) => {
  const api = await startApi(t, () => {})
  await t.rejects(api.fetch('GET', ''), {
    code: 'SERVICE_UNREACHABLE',
    message: /\(no answer within 0\.3 s\); start it/
  })
})
