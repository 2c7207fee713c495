import t from 'tap'
import type { State } from '../../../dashboard/contract.d.ts'
import { emptyText } from '../../../dashboard/figures/time-to-empty.js'
import { stateWith } from './samples.ts'

const TIMES = { critical: 400, normal: 40_000, low: null }

t.test('says when a class and better ones are empty, and nothing that is not known', async (t) => {
  const cases: [changes: Partial<State>, name: keyof typeof TIMES, depth: number | null, text: string | undefined][] = [
    [{ timeToEmptyMs: TIMES }, 'critical', 3, 'empty in under a second'],
    [{ timeToEmptyMs: TIMES }, 'normal', 3, 'empty in 40 s'],
    [{ timeToEmptyMs: TIMES }, 'low', 3, 'not draining'],
    [{ timeToEmptyMs: TIMES }, 'low', 0, undefined],
    [{ timeToEmptyMs: TIMES }, 'normal', null, undefined],
    [{ timeToEmptyMs: null }, 'normal', 3, undefined],
    [{ timeToEmptyMs: null, workers: [] }, 'normal', 3, 'not draining'],
    [{ timeToEmptyMs: TIMES, isPaused: true }, 'normal', 3, 'not draining']
  ]
  for (const [changes, name, depth, text] of cases) t.equal(emptyText(stateWith(changes), name, depth), text)
})
