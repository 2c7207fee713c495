import t from 'tap'
import { lastKnownText, unknownText } from '../../../dashboard/figures/last-known.js'
import { LAST_KNOWN } from './samples.ts'

t.test('a figure that is unknown has its last value and the time of that, where there was one', async (t) => {
  const zone = { timeZone: 'UTC' }
  t.equal(unknownText(LAST_KNOWN, ({ workers }) => String(workers), zone), 'unknown, last known 2 at 14:01:00')
  t.equal(lastKnownText(LAST_KNOWN, ({ circuitState }) => circuitState, zone), 'last known CLOSED at 14:01:00')
  t.equal(unknownText(null, () => 'never asked'), 'unknown')
  t.equal(unknownText(LAST_KNOWN, () => null), 'unknown')
})
