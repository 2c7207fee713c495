import t from 'tap'
import {
  deletionQuestion,
  deletionResult,
  pauseQuestion,
  replayQuestion,
  resetQuestion
} from '../../../dashboard/actions/question.js'
import { lostWith, stateWith } from '../figures/samples.ts'

t.test('a reset says what the circuit does next', async (t) => {
  const last = (changes: Parameters<typeof stateWith>[0]) => resetQuestion(stateWith(changes)).paragraphs.at(-1)
  t.equal(
    last({ depth: 61_200, circuitState: 'OPEN' }),
    'The queue holds 61,200 events, and 50,000 open the circuit: it will open again at once.'
  )
  t.equal(
    last({ depth: 9_000, circuitState: 'OPEN' }),
    'The queue holds 9,000 events; Spillway admits everything again until it holds 50,000.'
  )
  t.equal(last({}), 'The circuit is already closed.')
  t.match(last({ depth: null }), /unknown/)
})

t.test('a pause says how long the queue has room', async (t) => {
  t.match(
    pauseQuestion(stateWith({ depth: 20_000, arrivalRate: 100 })).paragraphs.at(-1),
    /critical threshold in about 5 min/
  )
  t.equal(pauseQuestion(stateWith({ arrivalRate: 0 })).paragraphs.length, 1)
  t.equal(pauseQuestion(stateWith({ isPaused: true })).verb, 'Resume the workers')
  t.equal(pauseQuestion(lostWith()).verb, 'Resume the workers', 'what was known last, while nothing is known')
})

t.test('a replay says how many', async (t) => {
  t.equal(replayQuestion(1, 'The selected one is').title, 'Replay 1 dead letter?')
  t.match(replayQuestion(2_000, 'All dead letters are').paragraphs[0], /^All dead letters are put back/)
})

t.test('a deletion says that nothing is kept', async (t) => {
  t.equal(deletionQuestion(1).title, 'Delete 1 dead letter?')
  t.equal(deletionQuestion(2).title, 'Delete 2 dead letters?')
  t.match(deletionQuestion(1).paragraphs[0], /cannot be undone/)
})

t.test('the result of a deletion tells of dead letters that were gone', async (t) => {
  t.equal(deletionResult(2, 2), '2 dead letters deleted.')
  t.equal(deletionResult(1, 2), '1 dead letter deleted, 1 of 2 was already gone.')
  t.equal(deletionResult(0, 2), '0 dead letters deleted, 2 of 2 were already gone.')
})
