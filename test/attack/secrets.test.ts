import { createServer } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import t from 'tap'
import { secretsAtRest } from '../../attack/secrets.ts'

t.test('secrets in files and on the page of metrics are found', async (t) => {
  let page = 'spillway_up 1'
  const server = createServer((_request, reply) => { reply.end(page) }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => { server.closeAllConnections(); server.close() })
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const found = async (files: Parameters<typeof t.testdir>[0]) =>
    (await secretsAtRest({ url, operator: 'x', dataDir: t.testdir(files), secrets: ['hidden'] })).map(({ what }) => what)
  t.strictSame(await found({ spool: { a: 'shown' } }), [])
  t.strictSame(await found({ spool: { a: 'is hidden here' }, b: 'shown' }), ['the file a of DATA_DIR holds a secret'])
  page = 'key="hidden"'
  t.strictSame(await found({}), ['the page of metrics holds a secret'])
})
