import t from 'tap'
import { startConsumer } from '../../services/delivery/consumer.ts'
import type { BatchHandler } from '../../../workers/handler.ts'
import delivery from '../../../workers/handlers/delivery.ts'
import { startDependencies } from './setup.ts'

t.test('is not there without DELIVERY_URL', async (t) => {
  t.equal(await delivery.create(startDependencies(t).dependencies), undefined)
})

t.test('stops the start when the secret cannot be used', async (t) => {
  const { dependencies } = startDependencies(t, { DELIVERY_URL: 'http://localhost', DELIVERY_SECRET: 'not base64 at all' })
  t.throws(() => delivery.create(dependencies), { code: 'DELIVERY_SECRET_INVALID', message: /DELIVERY_SECRET/ })
})

t.test('delivers a batch, signed, to DELIVERY_URL', async (t) => {
  const consumer = await startConsumer(t)
  const { dependencies, context } = startDependencies(t, { DELIVERY_URL: consumer.url, DELIVERY_SECRET: 'whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD' })
  const handler = await delivery.create(dependencies) as BatchHandler
  t.equal(handler.kind, 'batch')
  const event = { id: 'e1', type: 'x', payload: 1, priority: 5, receivedAt: '2026-03-01T12:00:00.000Z' }
  t.strictSame(await handler.handle([event], context), { outcomes: [{ status: 'done' }] })
  t.match(consumer.calls, [{ headers: { 'webhook-signature': /^v1,/ } }])
})

t.test('gives up after DELIVERY_TIMEOUT_MS', async (t) => {
  const consumer = await startConsumer(t)
  consumer.answer = () => {}
  const { dependencies, context } = startDependencies(t, { DELIVERY_URL: consumer.url, DELIVERY_TIMEOUT_MS: 20 })
  const handler = await delivery.create(dependencies) as BatchHandler
  const event = { id: 'e1', type: 'x', payload: 1, priority: 5, receivedAt: '2026-03-01T12:00:00.000Z' }
  t.match(await handler.handle([event], context), { outcomes: [{ status: 'retry', reason: /no answer within 20 ms/ }], pauseMs: 250 })
})
