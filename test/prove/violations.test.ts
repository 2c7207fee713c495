import t from 'tap'
import { CHECKS, Violations } from '../../prove/violations.ts'

t.test('counts by check, keeps a few examples, in the order of the checks', async (t) => {
  const violations = new Violations()
  t.strictSame(violations.list(), [])
  for (let event = 0; event < 9; event++) violations.record('id', `event ${event}`)
  violations.recordAll([{ check: 'lost', what: 'a' }, { check: 'lost', what: 'a' }])
  t.strictSame(violations.list(), [
    { check: 'lost', count: 2, examples: ['a'] },
    { check: 'id', count: 9, examples: [0, 1, 2, 3, 4].map((event) => `event ${event}`) }
  ])
  t.ok(violations.has('id'))
  t.notOk(violations.has('type'))
  t.equal(new Set(CHECKS).size, CHECKS.length)
})
