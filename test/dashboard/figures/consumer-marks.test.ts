import t from 'tap'
import { consumerMarks, describeMark } from '../../../dashboard/figures/consumer-marks.js'
import { incident, NOW } from './samples.ts'

t.test('marks when the consumer went away and came back, within what is shown', async (t) => {
  const second = NOW / 1_000
  const incidents = [
    incident(NOW - 90_000, 'consumer-away'), incident(NOW - 60_000, 'consumer-back'), incident(NOW - 30_000, 'circuit'),
    incident(NOW - 20_000, 'consumer-away')
  ]
  t.strictSame(consumerMarks(incidents, second - 60, second), [
    { at: second - 60, isAway: false }, { at: second - 20, isAway: true }
  ])
  t.strictSame(consumerMarks(incidents, second - 10, second), [])
  t.strictSame(
    [true, false].map((isAway) => describeMark({ at: second, isAway }, { timeZone: 'UTC' })),
    ['consumer away 14:02:00', 'consumer back 14:02:00']
  )
})
