import t from 'tap'
import { announcements } from '../../../dashboard/figures/announcement.js'
import { lostWith, stateWith, workerWith } from './samples.ts'

t.test('says what changed, and nothing of figures that moved', async (t) => {
  const before = stateWith()
  t.strictSame(announcements(undefined, before), [])
  t.strictSame(announcements(before, stateWith({ depth: 49_999, arrivalRate: 9_000, time: before.time + 1_000 })), [])
  t.strictSame(announcements(before, stateWith({ circuitState: 'OPEN' })), [
    'Circuit open: only critical events are admitted.'
  ])
  t.strictSame(announcements(before, lostWith()), ['The queue cannot be read; its depth is unknown.'])
  t.strictSame(announcements(lostWith(), before), ['The queue can be read again.'])
  t.strictSame(announcements(lostWith(), stateWith({ workers: [] })), [
    'The queue can be read again.', 'No worker is running.'
  ])
  t.strictSame(announcements(before, stateWith({ workers: [workerWith(1, { holds: ['no-handlers'] })] })), [
    'No worker takes a batch.'
  ])
  t.strictSame(announcements(before, stateWith({ isPaused: true, mode: 'observe' })), [
    'Workers are paused.',
    'Backpressure observes only.'
  ])
  t.strictSame(announcements(before, stateWith({ workers: [] })), ['No worker is running.'])
  t.strictSame(announcements(stateWith({ workers: [] }), before), ['Workers running: 1.'])
})
