import { promises as dns } from 'node:dns'
import t from 'tap'
import { NAME, startNameServer } from '../../attack/name-server.ts'

t.test('a name resolves to list after list, and stays with the last', async (t) => {
  const server = await startNameServer(t)
  const resolver = new dns.Resolver()
  resolver.setServers([`127.0.0.1:${server.port}`])
  server.answers = [['127.77.0.1'], ['127.0.0.1', '::1']]
  t.strictSame(await resolver.resolve4(NAME), ['127.77.0.1'])
  await t.rejects(resolver.resolve6(NAME), { code: 'ENODATA' })
  for (const _ of [2, 3]) {
    t.strictSame(await resolver.resolve4(NAME), ['127.0.0.1'])
    t.strictSame(await resolver.resolve6(NAME), ['::1'])
  }
  t.equal(server.questions, 6)
})

t.test('an alias leads to the same addresses', async (t) => {
  const server = await startNameServer(t)
  const resolver = new dns.Resolver()
  resolver.setServers([`127.0.0.1:${server.port}`])
  server.answers = [['127.0.0.1', '::ffff:127.0.0.1']]
  server.isAlias = true
  t.strictSame(await resolver.resolve4(NAME), ['127.0.0.1'])
  t.strictSame(await resolver.resolve6(NAME), ['::ffff:127.0.0.1'])
})
