import t from 'tap'
import fc from 'fast-check'
import {
  byteThresholds,
  capacityBytesOf,
  DERIVED_LIMITS,
  MOST_HARD_SHARE,
  type ByteLimits,
  type MemoryReading
} from '../../../services/admission/memory.ts'

const MIB = 1_048_576
const memory = (maxBytes: number, machineBytes = 0): MemoryReading => ({ usedBytes: 0, maxBytes, machineBytes })

t.test('the capacity is the maxmemory of Redis, else a share of its machine, else unknown', async (t) => {
  t.equal(capacityBytesOf(memory(256 * MIB, 8_000 * MIB)), 256 * MIB)
  t.equal(capacityBytesOf(memory(0, 1_000 * MIB)), 600 * MIB)
  t.equal(capacityBytesOf(memory(0)), undefined)
})

t.test('thresholds are those that were configured, and shares of the capacity where none were', async (t) => {
  const table: [
    given: Partial<ByteLimits>,
    memory: MemoryReading,
    critical: number | undefined,
    hard: number | undefined
  ][] = [
    [{}, memory(100 * MIB), 70, 90],
    [{}, memory(0, 1_000 * MIB), 420, 540],
    [{}, memory(0), undefined, undefined],
    [{ criticalBytes: 50 * MIB }, memory(100 * MIB), 50, 90],
    [{ criticalBytes: 35 * MIB }, memory(0), 35, 45],
    [{ hardBytes: 45 * MIB }, memory(0), 35, 45],
    [{ hardBytes: 45 * MIB }, memory(100 * MIB), 35, 45],
    [{ criticalBytes: 10 * MIB, hardBytes: 20 * MIB }, memory(0), 10, 20],
    // More than Redis has: it would refuse the writes of workers first.
    [{ criticalBytes: 400 * MIB, hardBytes: 800 * MIB }, memory(100 * MIB), 90.25, 95]
  ]
  for (const [given, reading, critical, hard] of table) {
    const found = byteThresholds(reading, { ...DERIVED_LIMITS, ...given })
    const claim = JSON.stringify([given, reading])
    t.equal(found === undefined ? undefined : Math.round(found.critical / MIB * 100) / 100, critical, claim)
    t.equal(found === undefined ? undefined : Math.round(found.hardLimit / MIB * 100) / 100, hard, claim)
  }
})

t.test('whatever is configured they are in order, and leave workers room', async (t) => {
  const bytes = fc.integer({ min: 1_048_576, max: 2 ** 40 })
  const orNone = fc.oneof(fc.constant(0), bytes)
  t.doesNotThrow(() =>
    fc.assert(fc.property(orNone, orNone, orNone, orNone, (criticalBytes, hardBytes, maxBytes, machineBytes) => {
      const found = byteThresholds({ usedBytes: 0, maxBytes, machineBytes }, { criticalBytes, hardBytes })
      if (found === undefined) return criticalBytes === 0 && hardBytes === 0 && maxBytes === 0 && machineBytes === 0
      const { recovery, warning, critical, hardLimit } = found
      const isInOrder = 0 < recovery && recovery < warning && warning < critical && critical < hardLimit
      return isInOrder && (maxBytes === 0 || hardLimit <= maxBytes * MOST_HARD_SHARE)
    }))
  )
})
