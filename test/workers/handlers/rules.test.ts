import { join } from 'node:path'
import t from 'tap'
import type { QueuedEvent } from '../../../services/event/event.ts'
import type { EventHandler } from '../../../workers/handler.ts'
import rules from '../../../workers/handlers/rules.ts'
import { startDependencies } from './setup.ts'

const EVENT: QueuedEvent = { id: 'e1', type: 'x', payload: null, priority: 5, receivedAt: '2026-03-01T12:00:00.000Z' }

t.test('is not there without RULES_FILE', async (t) => {
  t.equal(await rules.create(startDependencies(t).dependencies), undefined)
})

t.test('stops the start when the rules file is invalid', async (t) => {
  const RULES_FILE = join(t.testdir({ 'rules.json': '{}' }), 'rules.json')
  await t.rejects(async () => rules.create(startDependencies(t, { RULES_FILE }).dependencies), {
    code: 'RULES_FILE_INVALID'
  })
})

t.test('runs the rules on an event, with the priorities of the configuration', async (t) => {
  const actions = ['critical-alarm', 'batch-operation', 'anything', 'constructor'].map((type) => ({
    emit: { type, payload: 1 }
  }))
  const RULES_FILE = join(
    t.testdir({ 'rules.json': JSON.stringify({ rules: [{ id: 'r', when: true, actions }] }) }),
    'rules.json'
  )
  const { dependencies, published, context } = startDependencies(t, { RULES_FILE, DEFAULT_EVENT_PRIORITY: 4 })
  const handler = await rules.create(dependencies) as EventHandler
  t.equal(handler.kind, 'event')
  t.strictSame(await handler.handle(EVENT, context), { status: 'done' })
  t.strictSame(published.map(({ type, priority }) => [type, priority]), [
    ['critical-alarm', 1],
    ['batch-operation', 10],
    ['anything', 4],
    ['constructor', 4]
  ])
})

t.test('runs before the delivery', async (t) => {
  const { default: delivery } = await import('../../../workers/handlers/delivery.ts')
  t.ok(rules.order < delivery.order)
})
