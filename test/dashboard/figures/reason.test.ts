import { readdirSync } from 'node:fs'
import { basename, join } from 'node:path'
import t from 'tap'
import { SHED_LINES } from '../../../dashboard/charts/shed-lines.js'
import { meaningOf } from '../../../dashboard/figures/reason.js'

const REASONS = readdirSync(join(import.meta.dirname, '../../../services/admission/policies')).map((file) =>
  basename(file, '.ts')
)

t.test('every policy has a meaning and a line of its own', async (t) => {
  t.ok(REASONS.length > 4)
  for (const reason of REASONS) {
    t.type(meaningOf(reason), 'string', reason)
    t.ok(SHED_LINES.some(({ name }) => name === reason), reason)
  }
})

t.test('what is not known has none', async (t) => {
  t.equal(meaningOf('of-our-own'), undefined)
  t.equal(meaningOf('constructor'), undefined)
})
