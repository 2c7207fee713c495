import t from 'tap'
import { resultJson } from '../../../bench/report/json.ts'
import { resultOf, scenarioOf } from './result.ts'

t.test('keeps everything, figures to six digits', async (t) => {
  const sample = { eventsPerSecond: 26_400.123456, p99Ms: 0.000123456789, failed: 12_345_678 }
  const result = resultOf(scenarioOf({ subjects: [{ name: 'spillway', samples: [sample], median: sample }] }))
  const written = JSON.parse(resultJson(result))
  t.match(written.scenarios[0].subjects[0].samples, [{
    eventsPerSecond: 26_400.1,
    p99Ms: 0.000123457,
    failed: 12_345_678
  }])
  t.strictSame({ ...written, scenarios: [] }, { ...result, scenarios: [] })
})
