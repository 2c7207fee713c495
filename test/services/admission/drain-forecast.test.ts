import t from 'tap'
import { drainForecast } from '../../../services/admission/drain-forecast.ts'
import { byPriority } from '../queue/setup.ts'
import { readingOf, startGate } from './setup.ts'

for (const [mode, seconds] of [['true', 5], ['observe', null]] as const) {
  t.test(`what was admitted until the circuit opened ${mode === 'true' ? 'is not expected to come on' : 'comes on where nothing is refused'}`, async (t) => {
    const { gate, clock } = await startGate({ mode })
    const observe = (depth: number, done: number, enqueued: number) => {
      clock.now += 1_000
      gate.observe(readingOf({ 5: depth }, { done, enqueuedByPriority: byPriority({ 5: enqueued }) }))
    }
    observe(100, 0, 100)
    observe(500, 100, 600)
    t.equal(gate.signals.circuitState, 'OPEN')
    t.equal(drainForecast(gate), seconds)
  })
}
