import { pino } from 'pino'
import t from 'tap'
import { applyRules } from '../../../../services/rules/apply-rules.ts'
import { compile, event, rule, startRun } from '../setup.ts'

t.test('writes its message at its level with the event and the rule', async (t) => {
  for (const level of ['trace', 'debug', 'info', 'warn', 'error']) {
    const { run, lines } = startRun()
    t.strictSame(
      await applyRules(
        await compile([rule({ id: 'hot', actions: [{ log: { level, message: 'too hot' } }] })]),
        event({ organizationId: 'acme' }),
        run
      ),
      { status: 'done' }
    )
    t.match(lines, [{
      level: pino.levels.values[level],
      msg: 'too hot',
      ruleId: 'hot',
      eventId: 'e1',
      eventType: 'telemetry-data',
      organizationId: 'acme'
    }])
    t.equal(lines.length, 1)
  }
})
