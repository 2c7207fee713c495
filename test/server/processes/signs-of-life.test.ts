import t from 'tap'
import { SignsOfLife } from '../../../server/processes/signs-of-life.ts'

t.test('a process that leaves six questions without an answer is killed once, and no other one', (t) => {
  const hanging: string[] = []
  const done: string[] = []
  const signs = new SignsOfLife((name) => { hanging.push(name) })
  const processes = ['1', '2'].map((name) => ({
    name, ask: () => { if (name === '2') signs.receive(name) }, kill: () => { done.push(`kill ${name}`) }
  }))
  for (let question = 1; question <= 6; question++) {
    t.equal(signs.isSilent('1'), question > 2, `before question ${question}`)
    signs.ask(processes)
  }
  t.strictSame([hanging, done], [[], []])
  for (let question = 7; question <= 20; question++) signs.ask(processes)
  t.strictSame([hanging, done], [['1'], ['kill 1']])
  t.notOk(signs.isSilent('2'))
  signs.receive('1')
  for (let question = 1; question <= 6; question++) signs.ask(processes)
  t.strictSame(done, ['kill 1'], 'the next one under its name begins anew')
  signs.ask(processes)
  t.strictSame(done, ['kill 1', 'kill 1'])
  t.end()
})
