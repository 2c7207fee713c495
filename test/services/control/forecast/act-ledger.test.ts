import t from 'tap'
import { ActLedger, type TakenAct } from '../../../../services/control/forecast/act-ledger.ts'

const TAKEN: TakenAct = { act: 'pre-shed-low', at: 0, dueAt: 30, limit: 1_000, keptOut: 50 }

t.test('an act was right if the limit was reached, or would have been without it', async (t) => {
  type Readings = [at: number, depth: number, keptOut: number][]
  const table: [name: string, readings: Readings, wasRight: boolean | undefined][] = [
    ['reached', [[10, 900, 50], [20, 1_000, 50]], true],
    ['would have been', [[10, 800, 150], [30, 700, 350]], true],
    ['kept out before', [[30, 960, 50]], false],
    ['not by then', [[10, 500, 60], [30, 400, 70]], false],
    ['open', [[29, 500, 60]], undefined]
  ]
  for (const [name, readings, wasRight] of table) {
    const ledger = new ActLedger()
    ledger.record(TAKEN)
    const settled = readings.flatMap(([at, depth, keptOut]) => ledger.observe({ at, depth, keptOut }))
    t.strictSame(settled.map((act) => act.wasRight), wasRight === undefined ? [] : [wasRight], name)
    t.equal(ledger.precisionOf('pre-shed-low'), wasRight === undefined ? undefined : Number(wasRight), name)
  }
})

t.test('an act that goes on is one act, and each kind has its own precision', async (t) => {
  const ledger = new ActLedger()
  t.strictSame([0, 1, 2].map((at) => ledger.record({ ...TAKEN, at })), [true, false, false])
  ledger.record({ ...TAKEN, act: 'ask-for-workers', limit: 100 })
  t.equal(ledger.observe({ at: 30, depth: 200, keptOut: 50 }).length, 2)
  ledger.record({ ...TAKEN, at: 31, dueAt: 60 })
  ledger.observe({ at: 40, depth: 2_000, keptOut: 50 })
  t.equal(ledger.precisionOf('pre-shed-low'), 0.5)
  t.equal(ledger.precisionOf('ask-for-workers'), 1)
})

t.test('counts survive a restart; broken ones start afresh', async (t) => {
  const ledger = new ActLedger()
  ledger.record(TAKEN)
  ledger.observe({ at: 30, depth: 0, keptOut: 50 })
  t.equal(new ActLedger(JSON.parse(JSON.stringify(ledger.learned))).precisionOf('pre-shed-low'), 0)
  t.equal(new ActLedger({ 'pre-shed-low': { right: 'many' } }).precisionOf('pre-shed-low'), undefined)
})
