import fc from 'fast-check'
import t from 'tap'
import { EventContext } from '../../workers/event-context.ts'
import { capturedLog } from '../captured-log.ts'

const { log } = capturedLog('silent')

t.test('gives the same signal however often it is asked for', async (t) => {
  const context = new EventContext(log)
  t.equal(context.signal, context.signal)
  context.cut(new Error('over'))
  t.equal(context.signal, context.signal)
})

t.test('tells who listens that it is cut, once', async (t) => {
  const context = new EventContext(log)
  const heard: unknown[] = []
  const { signal } = context
  signal.addEventListener('abort', () => { heard.push(signal.reason) })
  context.cut('over')
  t.ok(context.signal.aborted)
  t.strictSame(heard, ['over'])
})

t.test('says the same of a cut whether its signal was asked for before, after or both', async () => {
  fc.assert(fc.property(fc.array(fc.constantFrom('ask', 'cut'), { maxLength: 6 }), (steps) => {
    const context = new EventContext(log)
    let isCut = false
    for (const step of steps) {
      if (step === 'cut' && !isCut) {
        context.cut('over')
        isCut = true
      }
      if (step === 'ask' && context.signal.aborted !== isCut) return false
    }
    const { aborted, reason } = context.signal
    return context.isCut === isCut && aborted === isCut && reason === (isCut ? 'over' : undefined)
  }))
})

t.test('what is logged of an event of a trace names the trace', async (t) => {
  const { log, lines } = capturedLog()
  const context = new EventContext(log, { traceparent: `00-${'a'.repeat(32)}-${'b'.repeat(16)}-00` })
  context.log.info('first')
  context.log.info('second')
  new EventContext(log).log.info('of none')
  t.strictSame(lines.map(({ msg, traceId }) => [msg, traceId]), [
    ['first', 'a'.repeat(32)],
    ['second', 'a'.repeat(32)],
    ['of none', undefined]
  ])
  t.equal(new EventContext(log).log, log, 'no logger is made for nothing')
})
