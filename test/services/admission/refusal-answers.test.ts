import t from 'tap'
import type { Refusal } from '../../../services/admission/refusal.ts'
import { RefusalAnswers } from '../../../services/admission/refusal-answers.ts'
import { startGate } from './setup.ts'

const refusal = (reason: string, retryAfterSeconds: number): Refusal => ({ kind: 'load', reason, retryAfterSeconds })

async function startAnswers () {
  const { gate, observe } = await startGate()
  const rendered: string[] = []
  const answers = new RefusalAnswers(({ reason, retryAfterSeconds }, priority) => {
    const body = `${reason} ${retryAfterSeconds} ${priority} ${gate.depth}${gate.refusesWrites ? ' no writes' : ''}`
    rendered.push(body)
    return { headers: ['retry-after', String(retryAfterSeconds)], body }
  }, () => gate)
  return { gate, observe, answers, rendered }
}

t.test('writes an answer once for all that are refused alike', async (t) => {
  const { answers, observe, rendered } = await startAnswers()
  observe(50)
  const asked: [string, number, number][] = [
    ['open', 4, 5],
    ['open', 4, 5],
    ['open', 5, 5],
    ['open', 4, 6],
    ['full', 4, 5],
    ['open', 120, 10],
    ['open', 4, 5],
    ['open', 120, 1]
  ]
  for (const [reason, seconds, priority] of asked)
    t.equal(answers.of(refusal(reason, seconds), priority).body, `${reason} ${seconds} ${priority} 50`)
  t.strictSame(rendered, [
    'open 4 5 50',
    'open 5 5 50',
    'open 4 6 50',
    'full 4 5 50',
    'open 120 10 50',
    'open 120 1 50'
  ])
})

t.test('never gives out an answer of another moment', async (t) => {
  const { answers, gate, observe } = await startAnswers()
  observe(50)
  t.equal(answers.of(refusal('open', 4), 5).body, 'open 4 5 50')
  gate.recordAdmitted(3)
  t.equal(answers.of(refusal('open', 4), 5).body, 'open 4 5 53', 'what was admitted since the reading counts')
  observe(60)
  t.equal(answers.of(refusal('open', 4), 5).body, `open 4 5 ${gate.depth}`)
  gate.recordFailure(Object.assign(new Error('READONLY'), { name: 'ReplyError' }))
  t.equal(answers.of(refusal('open', 4), 5).body, `open 4 5 ${gate.depth} no writes`)
})
