import t from 'tap'
import { repeatProblem } from '../../../prove/checks/repeat.ts'
import type { EventAnswer } from '../../../prove/load/answer.ts'

const accepted = (id?: string, level: EventAnswer['level'] = 'queued'): EventAnswer => ({
  index: 0, status: 'accepted', level, ...(id !== undefined && { id })
})
const duplicate = (id: string, level?: 'spooled'): EventAnswer => ({
  index: 0, status: 'duplicate', id, ...(level !== undefined && { level })
})
const other = (status: 'shed' | 'conflict'): EventAnswer => ({ index: 0, status })

t.test('two posts of one event are one, under one id', async (t) => {
  for (const [first, again] of [
    [accepted('a'), duplicate('a')],
    [duplicate('a'), accepted('a')],
    [accepted('a'), other('conflict')],
    [accepted('a'), other('shed')],
    [other('shed'), accepted('a')],
    [accepted('a', 'spooled'), accepted('b')], [accepted(), duplicate('a')],
    [accepted('a'), duplicate('b', 'spooled')], [duplicate('b', 'spooled'), duplicate('a')]
  ] as const) t.equal(repeatProblem(first, again, undefined), undefined)
  t.match(repeatProblem(accepted('a'), accepted('a'), undefined), 'accepted twice')
  t.match(repeatProblem(accepted('a'), accepted('b'), undefined), 'accepted twice')
  t.match(repeatProblem(accepted('a'), duplicate('b'), undefined), 'told as a, then as b')
  t.match(repeatProblem(duplicate('a'), duplicate('b'), undefined), 'told as a, then as b')
  t.match(repeatProblem(accepted('own'), duplicate('b', 'spooled'), 'own'), 'answered the id b for own')
  t.match(repeatProblem(accepted('own'), duplicate('b'), 'own'), 'answered the id b for own')
})
