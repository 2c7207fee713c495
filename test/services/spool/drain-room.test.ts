import fc from 'fast-check'
import t from 'tap'
import { drainRoom } from '../../../services/spool/drain-room.ts'

const LIMITS = {
  thresholds: { recovery: 500, warning: 1_000, critical: 2_000, hardLimit: 10_000 }, batchMaxEvents: 128,
  circuits: { depth: 'CLOSED', bytes: 'CLOSED' } as const, bytes: 0, warningBytes: undefined
}
const OPEN = { depth: 'OPEN', bytes: 'CLOSED' } as const

t.test('what leaves the spool fills the queue to the warning threshold, and then goes batch by batch', async (t) => {
  const table: [depth: number, room: number][] = [
    [0, 1_000], [999, 1], [1_000, 128], [1_871, 128], [1_872, 127], [1_998, 1], [1_999, 0], [5_000, 0]
  ]
  for (const [depth, room] of table) t.equal(drainRoom({ ...LIMITS, depth }), room, String(depth))
  t.equal(drainRoom({ ...LIMITS, depth: 5_000, circuits: OPEN }), 128, 'a circuit that is open cannot be opened')
  t.equal(drainRoom({ ...LIMITS, depth: 9_990, circuits: OPEN }), 10)
  t.equal(drainRoom({ ...LIMITS, depth: 10_001, circuits: OPEN }), 0)
})

t.test('bytes keep it back before they open the circuit, and not where they have', async (t) => {
  const at = (bytes: number, state: 'CLOSED' | 'OPEN') =>
    drainRoom({ ...LIMITS, depth: 0, bytes, warningBytes: 500, circuits: { depth: 'CLOSED', bytes: state } })
  t.strictSame([at(499, 'CLOSED'), at(500, 'CLOSED'), at(500, 'OPEN')], [1_000, 0, 1_000])
})

t.test('it never opens the circuit and never passes the hard limit', async (t) => {
  const numbers = fc.record({
    depth: fc.nat(20_000),
    warning: fc.integer({ min: 1, max: 5_000 }),
    batchMaxEvents: fc.integer({ min: 1, max: 1_000 })
  })
  t.doesNotThrow(() =>
    fc.assert(fc.property(
      numbers,
      fc.constantFrom('CLOSED' as const, 'HALF_OPEN' as const, 'OPEN' as const),
      ({ warning, ...rest }, circuitState) => {
        const limits = {
          ...LIMITS,
          thresholds: { recovery: 0, warning, critical: warning * 2, hardLimit: warning * 5 },
          circuits: { depth: circuitState, bytes: 'CLOSED' as const },
          ...rest
        }
        const room = drainRoom(limits)
        const isBelow = circuitState === 'OPEN' ||
          rest.depth >= limits.thresholds.critical ||
          rest.depth + room < limits.thresholds.critical
        return room >= 0 && isBelow && (room === 0 || rest.depth + room <= limits.thresholds.hardLimit)
      }
    ))
  )
})
