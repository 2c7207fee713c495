import { copyFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { startConsumer } from '../../rig/consumer.ts'
import { metric, startApp } from '../app.ts'
import { eventually } from '../../rig/eventually.ts'

const EXAMPLE = join(import.meta.dirname, '../../examples/rules/overheating.json')

t.test('a temperature above its limit raises a critical alarm with priority 1', async (t) => {
  const consumer = await startConsumer(t)
  const rulesFile = join(t.testdir(), 'rules.json')
  copyFileSync(EXAMPLE, rulesFile)
  const { app } = await startApp(t, {
    env: { ROLE: 'all', RULES_FILE: rulesFile, DELIVERY_URL: consumer.url },
    handlers: 'configured'
  })
  for (const temperature of [21.5, 91.5]) {
    const answer = await app.inject({
      method: 'POST',
      url: '/api/v1/datastreams',
      payload: { deviceId: 'boiler-7', values: { temperature }, organizationId: 'acme' }
    })
    t.match(answer.json(), { type: 'telemetry-data', priority: 5, status: 'accepted' })
  }
  await eventually(
    'both readings and the alarm are handled',
    async () => await metric(app, 'rule_engine_queue_completed_total') === 3
  )
  const delivered = consumer.calls.flatMap(({ body }) =>
    JSON.parse(body) as { type: string, priority: number, data: unknown, organizationid: string }[]
  )
  const alarms = delivered.filter(({ type }) => type === 'critical-alarm')
  t.equal(alarms.length, 1)
  t.match(alarms[0], {
    priority: 1,
    organizationid: 'acme',
    data: { alarm: 'overheating', deviceId: 'boiler-7', temperature: 91.5 }
  })
  t.equal(
    await metric(app, 'spillway_admitted_total{priority_class="critical"}'),
    1,
    'the alarm went through admission'
  )
})
