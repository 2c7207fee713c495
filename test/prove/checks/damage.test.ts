import t from 'tap'
import { damageProblems, type DamageReport } from '../../../prove/checks/damage.ts'
import type { Damage } from '../../../prove/excuses.ts'
import { reportIn } from '../../../prove/watch/damage-reports.ts'

const DAMAGE: Damage = { place: 'queue', batchId: '5-2-0-a', events: [1, 2] }
const REPORT: DamageReport = { place: 'queue', batchId: '5-2-0-a', events: 2 }

t.test('each damaged batch is reported, and no other', async (t) => {
  t.strictSame(damageProblems([], []), [])
  t.strictSame(damageProblems([DAMAGE], [REPORT, REPORT]), [], 'also twice, after Redis was put back')
  t.match(damageProblems([DAMAGE], []), [/not reported/])
  t.match(damageProblems([], [REPORT]), [/nobody/])
  for (const other of [{ ...REPORT, place: 'spool' as const }, { ...REPORT, batchId: 'b' }, { ...REPORT, events: 1 }]) {
    t.equal(damageProblems([DAMAGE], [other]).length, 2, JSON.stringify(other))
  }
})

t.test('a report is a line of the log', async (t) => {
  const line = (fields: object) => JSON.stringify({ level: 50, ...fields })
  t.strictSame(reportIn(line({ event: 'batch-damaged', batch: '5-2-0-a', events: 2 })), [REPORT])
  t.strictSame(
    reportIn(line({ event: 'spool-damaged', batch: '1-1-0-b', events: 1 })),
    [{ place: 'spool', batchId: '1-1-0-b', events: 1 }]
  )
  for (const other of [line({ event: 'key-damaged', key: 'a' }), '{"event":"batch-damaged","ba', 'words', '']) {
    t.strictSame(reportIn(other), [], other)
  }
})
