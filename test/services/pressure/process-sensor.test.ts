import t from 'tap'
import { ProcessSensor } from '../../../services/pressure/process-sensor.ts'
import { eventually } from '../../eventually.ts'

const ROOMY = { eventLoopDelayMs: 0, heapUsedBytes: Infinity }

t.test('reads the process, with or without a descriptor for it', async (t) => {
  const sensor = new ProcessSensor(ROOMY)
  sensor.start(1)
  t.teardown(() => sensor.stop())
  await eventually('it is read', () => sensor.reading.rssBytes > 0 && sensor.reading.heapUsed > 0)
  t.notOk(sensor.isBeyondBounds)
  const { rss } = process.memoryUsage
  t.teardown(() => { process.memoryUsage.rss = rss })
  let asked = 0
  process.memoryUsage.rss = () => {
    asked++
    throw Object.assign(new Error('too many open files'), { code: 'EMFILE' })
  }
  const before = sensor.reading
  await eventually('it was read again', () => asked > 1)
  t.not(sensor.reading, before)
  t.equal(sensor.reading.rssBytes, before.rssBytes, 'the last figure stays')
})

t.test('says when heap or event loop are beyond their bounds', async (t) => {
  const sensor = new ProcessSensor({ ...ROOMY, heapUsedBytes: 1 })
  sensor.start(1)
  t.teardown(() => sensor.stop())
  await eventually('the heap is beyond its bound', () => sensor.isBeyondBounds)
})
