import t from 'tap'
import { runFleet } from '../../examples/device-fleet/fleet.ts'
import { postBatch, startApp, storedEvents } from '../app.ts'
import { eventually } from '../../rig/eventually.ts'
import { FAST_CLOCK } from '../clients/typescript/fast-clock.ts'
import { listen } from '../cli/run-cli.ts'

t.test('while the service is overloaded the alarm gets in and the rest waits or is refused', async (t) => {
  const { app } = await startApp(t, {
    env: { QUEUE_RECOVERY_THRESHOLD: '20', QUEUE_WARNING_THRESHOLD: '50', QUEUE_CRITICAL_THRESHOLD: '100' }
  })
  const { SPILLWAY_URL: url } = await listen(app)
  await postBatch(app, Array.from({ length: 100 }, (_, index) => ({ type: 'backlog', payload: index })))
  await eventually('the circuit is open', () => app.backpressure.signals.circuitState === 'OPEN')

  // Patience for less than a refusal asks for. It does not begin before the alarm is stored, however slow this machine
  // is.
  const { now, ...timers } = FAST_CLOCK.clock as NonNullable<typeof FAST_CLOCK.clock>
  let storedAt: number | undefined
  const clock = { ...timers, now: () => storedAt === undefined ? 0 : now() - storedAt }
  const isStored = async () => (await storedEvents(app)).some(({ type }) => type === 'critical-alarm')
  const running = runFleet({
    url, devices: 20, readings: 5, burning: 7, client: { ...FAST_CLOCK, clock, patienceMs: 30_000 }
  })
  await eventually('the alarm is stored', isStored)
  storedAt = now()
  const report = await running
  t.strictSame(report.alarm, { accepted: 1 })
  for (const kind of ['telemetry', 'diagnostics'] as const) {
    const { shed = 0, unsent = 0, ...others } = report[kind]
    t.equal(shed + unsent, 100, kind)
    t.strictSame(others, {}, kind)
  }
  t.strictSame(
    (await storedEvents(app)).filter(({ type }) => type !== 'backlog').map(({ type, priority }) => [type, priority]),
    [['critical-alarm', 1]]
  )
})
