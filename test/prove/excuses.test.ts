import t from 'tap'
import { Excuses } from '../../prove/excuses.ts'

t.test('a rollback excuses promises of its levels from its moment on', async (t) => {
  const excuses = new Excuses()
  t.notOk(excuses.mayBeForgotten(1_000, 'queued'))
  excuses.rollbacks.push({ fromMs: 1_000, toMs: 2_000, levels: ['queued', 'synced'] })
  const table: [acknowledgedAtMs: number, level: 'queued' | 'spooled' | undefined, isExcused: boolean][] = [
    [999, 'queued', false], [1_000, 'queued', true], [2_100, 'queued', true], [3_000, 'queued', false],
    [1_500, 'spooled', false], [1_500, undefined, true]
  ]
  for (const [at, level, isExcused] of table) t.equal(excuses.mayBeForgotten(at, level), isExcused, `${level} at ${at}`)
  t.ok(excuses.isForgettable(500), 'Redis records some things later')
  t.notOk(excuses.isForgettable(9_000))
  t.ok(excuses.hasRolledBackSince(2_000))
  t.notOk(excuses.hasRolledBackSince(2_001))
})

t.test('the ledger of the queue lacks the events that were damaged there', async (t) => {
  const excuses = new Excuses()
  t.equal(excuses.damagedInQueue, 0)
  excuses.damages.push({ place: 'queue', batchId: 'a', events: [1, undefined] }, { place: 'spool', batchId: 'b', events: [2] })
  t.equal(excuses.damagedInQueue, 2)
})
