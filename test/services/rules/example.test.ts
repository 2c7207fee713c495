import { join } from 'node:path'
import t from 'tap'
import { applyRules } from '../../../services/rules/apply-rules.ts'
import type { QueuedEvent } from '../../../services/event/event.ts'
import { openRulesFile } from '../../../services/rules/rules-file.ts'
import { event, startRun, startServices } from './setup.ts'

t.test('the overheating example raises a critical alarm above 80 degrees and never below', async (t) => {
  const { services, published } = startServices()
  const { run } = startRun()
  const file = await openRulesFile({
    path: join(import.meta.dirname, '../../../examples/rules/overheating.json'),
    services,
    log: run.log
  })
  t.teardown(() => file.close())

  const apply = (incoming: QueuedEvent) => applyRules(file.rulesFor(incoming.type), incoming, run)
  const reading = (temperature: unknown) =>
    event({ organizationId: 'acme', payload: { deviceId: 'd7', values: { temperature } } })
  for (const temperature of [79, 80, -3, null, undefined])
    t.strictSame(await apply(reading(temperature)), { status: 'done' })
  t.strictSame(await apply({ ...reading(91.5), type: 'device-state-change' }), { status: 'done' })
  t.equal(published.length, 0)

  t.strictSame(await apply(reading(91.5)), { status: 'done' })
  t.match(published, [{
    type: 'critical-alarm', priority: 1, organizationId: 'acme', hops: 1,
    payload: { alarm: 'overheating', deviceId: 'd7', temperature: 91.5, sourceEventId: 'e1' }
  }])
  t.equal(published.length, 1)
})
