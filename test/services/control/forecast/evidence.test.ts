import t from 'tap'
import fc from 'fast-check'
import { mulberry32 } from '../../../../rig/random.ts'
import { normal } from '../../../../rig/series.ts'
import { Evidence } from '../../../../services/control/forecast/evidence.ts'

function evidenceOf (gains: readonly number[], horizon = 5, memory = 100): Evidence {
  const evidence = new Evidence(horizon, memory)
  for (const gain of gains) evidence.observe(gain)
  return evidence
}

const steps = (length: number, of: (step: number) => number) => Array.from({ length }, (_, step) => of(step))

t.test('a steady gain counts once for each block, whatever its size', async (t) => {
  t.equal(evidenceOf(steps(4, () => 1)).standardErrors, 0, 'before the first block is full')
  for (const size of [1e-6, 1, 1e6]) {
    t.ok(Math.abs(evidenceOf(steps(45, () => size)).standardErrors - 3) < 1e-9)
    t.ok(Math.abs(evidenceOf(steps(45, () => -size)).standardErrors + 3) < 1e-9)
  }
  t.equal(evidenceOf(steps(45, () => 0)).standardErrors, 0)
})

t.test('one lucky block proves nothing, and no blocks prove more than their number', async (t) => {
  t.ok(evidenceOf(steps(500, (step) => step === 300 ? 1e6 : 0)).standardErrors < 1.01)
  fc.assert(fc.property(fc.array(fc.integer({ min: -1_000, max: 1_000 }), { maxLength: 200 }), (gains) => (
    evidenceOf(gains).standardErrors ** 2 <= Math.floor(gains.length / 5) + 1e-6
  )))
})

t.test('steps that depend on each other within a block prove no more than one', async (t) => {
  const random = mulberry32(3)
  let beyond = 0
  for (let run = 0; run < 400; run++) {
    const blocks = steps(40, () => normal(random))
    if (evidenceOf(steps(200, (step) => blocks[Math.floor(step / 5)]!)).standardErrors > 1.645) beyond++
  }
  t.ok(beyond > 4 && beyond < 40, `${beyond} of 400, about 20 by the normal distribution`)
})

t.test('survives a restart in the middle of a block, and forgets', async (t) => {
  const gains = steps(203, (step) => 1 + step % 7)
  const one = evidenceOf(gains)
  const other = new Evidence(5, 100, JSON.parse(JSON.stringify(one.learned)))
  for (const evidence of [one, other]) evidence.observe(2)
  t.equal(other.standardErrors, one.standardErrors)
  const changed = evidenceOf([...steps(1_000, () => 1), ...steps(1_000, () => -1)], 5, 20)
  t.ok(changed.standardErrors < -4)
})
