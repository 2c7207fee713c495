import { readdirSync } from 'node:fs'
import { basename, join } from 'node:path'
import t from 'tap'
import { SPOOL_UNAVAILABLE } from '../../../services/admission/gate.ts'
import { causeOf, refusalSentence } from '../../../services/admission/refusal-sentence.ts'

const POLICIES = readdirSync(join(import.meta.dirname, '../../../services/admission/policies')).map((file) =>
  basename(file, '.ts')
)
const refusal = (reason: string, retryAfterSeconds = 1) => ({ kind: 'load', reason, retryAfterSeconds }) as const

t.test('every reason to refuse has a sentence of its own', async (t) => {
  const reasons = [...POLICIES, SPOOL_UNAVAILABLE]
  t.ok(reasons.length > 5)
  t.equal(new Set(reasons.map(causeOf)).size, reasons.length)
  for (const reason of reasons) t.notMatch(causeOf(reason), reason, `${reason} is not only named`)
})

t.test('a refusal says why, what became of the event, and when to try again', async (t) => {
  t.equal(
    refusalSentence(refusal('queue-unavailable')),
    'The queue cannot be reached; the event is not stored. Try again in 1 s.'
  )
  t.equal(
    refusalSentence(refusal('queue-full', 90), { isMany: true }),
    'The queue is full; no event of this request is stored. Try again in 90 s.'
  )
  t.equal(
    refusalSentence(refusal('of-our-own', 3)),
    'The service refuses it (of-our-own); the event is not stored. Try again in 3 s.'
  )
  t.equal(
    refusalSentence({ kind: 'forbidden', reason: 'of-our-own', retryAfterSeconds: undefined }),
    'The service refuses it (of-our-own); the event is not stored. Do not send it again.'
  )
  t.equal(causeOf('constructor'), 'The service refuses it (constructor)')
})

t.test('a key without a right is told the rights that it has', async (t) => {
  const forbidden = { kind: 'forbidden', retryAfterSeconds: undefined } as const
  const sentence = (named: string[], more = 0) =>
    refusalSentence({ ...forbidden, reason: 'type-not-allowed', types: { named, more } })
  const rest = '; the event is not stored. Do not send it again.'
  t.equal(sentence(['order']), `The key may not post events of this type, only order${rest}`)
  t.equal(sentence(['order', 'refund']), `The key may not post events of this type, only order and refund${rest}`)
  t.equal(sentence([...'abcdefg'], 3), `The key may not post events of this type, only a, b, c, d, e and 5 more${rest}`)
  t.equal(
    refusalSentence({ ...forbidden, reason: 'priority-ceiling', bestPriority: 5, types: { named: ['a'], more: 0 } }),
    `The key may not give this priority, only 5 to 10${rest}`
  )
})

t.test('a write that nobody confirmed is not told as one that was not stored', async (t) => {
  const inDoubt = { ...refusal('queue-unavailable'), mayBeStored: true }
  t.equal(
    refusalSentence(inDoubt),
    'The queue did not confirm the event, which may be stored or not. Try again in 1 s, with the same id.'
  )
  t.match(refusalSentence(inDoubt, { isMany: true }), /these events, which may be stored or not/)
})

t.test('a queue that was reached and takes no writes is not told as out of reach', async (t) => {
  t.equal(
    refusalSentence(refusal('queue-unavailable'), { refusesWrites: true }),
    'Redis refuses writes; the event is not stored. Try again in 1 s.'
  )
  t.match(
    refusalSentence(refusal('circuit-open'), { isCircuitClosed: true }), /^The queue is too long for events that are not critical;/
  )
  t.equal(refusalSentence(refusal('queue-full'), { refusesWrites: true }), refusalSentence(refusal('queue-full')))
})

t.test('says load only where load refuses', async (t) => {
  for (const reason of ['queue-full', 'queue-unavailable', SPOOL_UNAVAILABLE]) {
    t.notMatch(refusalSentence(refusal(reason)), /load|circuit|priority/, reason)
  }
})
