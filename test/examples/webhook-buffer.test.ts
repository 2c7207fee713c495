import t from 'tap'
import { once } from 'node:events'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setImmediate } from 'node:timers/promises'
import { startConsumer } from '../../examples/webhook-buffer/consumer.ts'
import { startReceiver } from '../../examples/webhook-buffer/receiver.ts'
import { startApp } from '../app.ts'
import { eventually } from '../../rig/eventually.ts'
import { listen } from '../cli/run-cli.ts'

const SECRET = `whsec_${Buffer.from('a secret of webhooks').toString('base64')}`

t.test('webhooks are answered at once, and the slow consumer gets each of them, one at a time', async (t) => {
  const urlOf = (server: Server) => `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
  const endWithTest = (server: Server) => {
    t.teardown(async () => {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    })
    return server
  }
  const worked: string[] = []
  let [atOnce, mostAtOnce] = [0, 0]
  const consumer = endWithTest(await startConsumer(SECRET, async ({ id }) => {
    mostAtOnce = Math.max(mostAtOnce, ++atOnce)
    await setImmediate()
    worked.push(id)
    atOnce--
  }, 0))
  const { app } = await startApp(t, {
    env: {
      ROLE: 'all',
      RULE_ENGINE_WORKER_CONCURRENCY: '1',
      BATCH_MAX_EVENTS: '10',
      DELIVERY_URL: urlOf(consumer),
      DELIVERY_SECRET: SECRET
    },
    handlers: 'configured'
  })
  const { SPILLWAY_URL: url } = await listen(app)
  const receiver = endWithTest(await startReceiver({ url }, 0))

  const ids = Array.from({ length: 120 }, (_, index) => `order-${index}`)
  const post = async (id: string) =>
    (await fetch(urlOf(receiver), { method: 'POST', headers: { 'webhook-id': id }, body: JSON.stringify({ id }) }))
      .status
  t.strictSame(
    new Set(await Promise.all([...ids, ...ids.slice(0, 10)].map(post))),
    new Set([202]),
    'ten of them are repeated'
  )
  t.equal((await fetch(urlOf(receiver), { method: 'POST', body: '{}' })).status, 400, 'one without an id is not taken')
  await eventually('all are worked on', () => worked.length >= ids.length)
  t.strictSame(worked.toSorted(), ids.toSorted())
  t.equal(mostAtOnce, 1)

  const forged = await fetch(urlOf(consumer), {
    method: 'POST',
    headers: { 'webhook-id': 'a', 'webhook-timestamp': '1', 'webhook-signature': 'v1,AAAA' },
    body: '[{"id":"forged"}]'
  })
  t.equal(forged.status, 401)
  t.notOk(worked.includes('forged'))
})
