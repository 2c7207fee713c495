import t from 'tap'
import { DONE, interrupted } from '../../../services/event/outcome.ts'

t.test('a time-out is the fault of the work, any other end is that of the process', async (t) => {
  const abortedBy = (reason: unknown) => AbortSignal.abort(reason)
  t.strictSame(interrupted(abortedBy(new DOMException('late', 'TimeoutError'))), {
    status: 'retry',
    reason: 'timed out'
  })
  for (const reason of [undefined, new Error('stop'), 'the worker is stopping', null]) {
    t.strictSame(interrupted(abortedBy(reason)), {
      status: 'retry',
      reason: 'interrupted by shutdown',
      countsAsAttempt: false
    })
  }
})

t.test('what everybody shares cannot be changed', async (t) => {
  t.ok(Object.isFrozen(DONE))
})
