import t from 'tap'
import { capturedLog } from '../../captured-log.ts'
import { eventually } from '../../../rig/eventually.ts'
import { refusedUrl, startConsumer } from '../../../rig/consumer.ts'
import type { BatchHandler } from '../../../workers/handler.ts'
import delivery from '../../../workers/handlers/delivery.ts'
import { startDependencies } from './setup.ts'

const EVENT = { id: 'e1', type: 'x', payload: 1, priority: 5, receivedAt: '2026-03-01T12:00:00.000Z' }

t.test('is not there without DELIVERY_URL', async (t) => {
  t.equal(await delivery.create(startDependencies(t).dependencies), undefined)
})

t.test('stops the start when the secret cannot be used', async (t) => {
  const { dependencies } = startDependencies(t, {
    DELIVERY_URL: 'http://localhost',
    DELIVERY_SECRET: 'not base64 at all'
  })
  t.throws(() => delivery.create(dependencies), { code: 'DELIVERY_SECRET_INVALID', message: /DELIVERY_SECRET/ })
})

t.test('delivers a batch, signed, to DELIVERY_URL', async (t) => {
  const consumer = await startConsumer(t)
  const { dependencies, context } = startDependencies(t, {
    DELIVERY_URL: consumer.url,
    DELIVERY_SECRET: 'whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD'
  })
  const handler = await delivery.create(dependencies) as BatchHandler
  t.equal(handler.kind, 'batch')
  t.strictSame(await handler.handle([EVENT], context), { outcomes: [{ status: 'done' }] })
  t.match(consumer.calls, [{ headers: { 'webhook-signature': /^v1,/ } }])
})

t.test('gives up after DELIVERY_TIMEOUT_MS', async (t) => {
  const consumer = await startConsumer(t)
  consumer.answer = () => {}
  const { dependencies, context, holds } = startDependencies(t, { DELIVERY_URL: consumer.url, DELIVERY_TIMEOUT_MS: 20 })
  const handler = await delivery.create(dependencies) as BatchHandler
  t.match(await handler.handle([EVENT], context), {
    outcomes: [{ status: 'retry', reason: /no answer within 20 ms/, countsAsAttempt: false }]
  })
  t.equal(holds.size, 0, 'one batch without an answer says nothing of the consumer')
})

t.test('holds its worker alone while it cannot connect, says so, and lets it go on once it can', async (t) => {
  const url = await refusedUrl()
  const { log, lines } = capturedLog()
  const { dependencies, context, holds } = startDependencies(t, { DELIVERY_URL: `${url}?token=hidden` })
  const handler = await delivery.create(dependencies) as BatchHandler
  const result = await handler.handle([EVENT], { ...context, log })
  t.match(result, { outcomes: [{ status: 'retry', delayMs: 0, countsAsAttempt: false }] })
  t.notOk('pauseMs' in result, 'the other workers go on')
  t.strictSame([...holds], ['consumer-unreachable'])
  t.match(lines, [{
    event: 'consumer-unreachable',
    address: `${url}?***`,
    reason: 'delivery failed: ECONNREFUSED',
    pid: Number,
    hostname: String
  }])
  await startConsumer(t, { port: Number(new URL(url).port) })
  await eventually('it is released', () => holds.size === 0)
  t.strictSame(await handler.handle([EVENT], { ...context, log }), { outcomes: [{ status: 'done' }] })
  t.match(lines.at(-1), { event: 'consumer-available' })
})

t.test('asks with one event when another worker made all pause', async (t) => {
  const consumer = await startConsumer(t)
  const { dependencies, context, pauseListeners } = startDependencies(t, { DELIVERY_URL: consumer.url })
  const handler = await delivery.create(dependencies) as BatchHandler
  for (const listener of pauseListeners) listener(1_000)
  t.match(await handler.handle([EVENT, { ...EVENT, id: 'e2' }], context), { endsPause: true })
  t.equal(consumer.calls.length, 2)
})
