import t, { type Test } from 'tap'
import { eventHandler, postBatch, startApp } from '../app.ts'
import { eventually } from '../../rig/eventually.ts'

const BATCH = 10
const FLOOD = 40 * BATCH

/** Stores a flood and then a few events of others while workers pause, and returns the order of the handled events. */
async function handledOrder (t: Test, env: Record<string, string>, change?: object) {
  const handled: { organizationId: string | undefined, type: string, payload: unknown }[] = []
  const { app } = await startApp(t, {
    env: { ROLE: 'all', RULE_ENGINE_WORKER_CONCURRENCY: '1', BATCH_MAX_EVENTS: String(BATCH), ...env },
    handlers: [eventHandler(({ organizationId, type, payload }) => {
      handled.push({ organizationId, type, payload })
      return { status: 'done' }
    })]
  })
  const order = async (url: string) => t.equal((await app.inject({ method: 'POST', url })).statusCode, 200)
  await order('/api/v1/workers/pause')
  if (change !== undefined) {
    await app.inject({ method: 'PATCH', url: '/api/v1/settings', payload: change })
    await eventually('the setting is in force', () => app.fairOrder.isOn)
  }
  const eventsOf = (organizationId: string, count: number, type = 'x') =>
    Array.from({ length: count }, (_, index) => ({ type, payload: index, organizationId }))
  await postBatch(app, eventsOf('flood', FLOOD))
  await postBatch(app, [...eventsOf('light', 5), ...eventsOf('flood', 5, 'y')])
  await order('/api/v1/workers/resume')
  await eventually('all events are handled', () => handled.length === FLOOD + 10)
  const last = (isIt: (event: typeof handled[number]) => boolean) => handled.findLastIndex(isIt)
  return {
    payloadsOf: (organizationId: string, type: string) =>
      handled.filter((event) => event.organizationId === organizationId && event.type === type).map(({ payload }) => payload),
    lastLight: last(({ organizationId }) => organizationId === 'light'),
    lastOtherType: last(({ type }) => type === 'y')
  }
}

const numbers = (count: number) => Array.from({ length: count }, (_, index) => index)

t.test('without a fair order events are handled as they came', async (t) => {
  const { lastLight } = await handledOrder(t, {})
  t.ok(lastLight >= FLOOD, `${lastLight}`)
})

t.test('an organization is handled before the backlog of another, which stays in order', async (t) => {
  const { lastLight, lastOtherType, payloadsOf } = await handledOrder(t, { FAIR_ORDER: 'organizations' })
  t.ok(lastLight < 5 * BATCH, `${lastLight}`)
  t.ok(lastOtherType >= FLOOD, 'the types of an organization stay in order')
  t.strictSame(payloadsOf('flood', 'x'), numbers(FLOOD))
  t.strictSame(payloadsOf('light', 'x'), numbers(5))
})

t.test('with types, a type is handled before the backlog of another, and the order can be switched at run time', async (t) => {
  const { lastLight, lastOtherType, payloadsOf } = await handledOrder(t, {}, { control: { fairOrder: 'types' } })
  t.ok(lastLight < 5 * BATCH, `${lastLight}`)
  t.ok(lastOtherType < 5 * BATCH, `${lastOtherType}`)
  t.strictSame(payloadsOf('flood', 'x'), numbers(FLOOD))
})
