import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import t from 'tap'
import { ArrivalStream } from '../../../simulate/arrivals/arrival-stream.ts'
import { scaled } from '../../../simulate/arrivals/arrivals.ts'
import { readTrace } from '../../../simulate/arrivals/read-trace.ts'

const ORGANIZATIONS = 'organization,service_ms_average,service_ms_p50,m0,m1\na,10,5,2,0\nb,30,25,1,4\n'

t.test('reads the three forms, plain and compressed', async (t) => {
  const folder = t.testdir({
    'second.csv': 'second,events,other\n0,5,1\n1,0,2\n2,7,3\n',
    'minute.csv': 'minute,events\n2020-01-01 00:00:00,5\n2020-01-01 00:01:00,6\n',
    'organizations.csv.gz': gzipSync(ORGANIZATIONS)
  })
  const read = (name: string, column?: string) => readTrace(join(folder, name), column)
  t.strictSame(read('second.csv'), { binMs: 1_000, counts: Float64Array.of(5, 0, 7), isCounted: true })
  t.strictSame(read('second.csv', 'other').counts, Float64Array.of(1, 2, 3))
  t.strictSame(read('minute.csv'), { binMs: 60_000, counts: Float64Array.of(5, 6), isCounted: true })
  t.strictSame(read('organizations.csv.gz'), {
    binMs: 60_000,
    counts: Float64Array.of(3, 4),
    isCounted: true,
    organizations: [
      { name: 'a', serviceTime: 10, counts: Float64Array.of(2, 0) },
      { name: 'b', serviceTime: 30, counts: Float64Array.of(1, 4) }
    ]
  })
  t.equal(read('organizations.csv.gz', 'service_ms_p50').organizations?.[1]?.serviceTime, 25)
})

t.test('says what is wrong with a trace', async (t) => {
  const folder = t.testdir({
    'hour.csv': 'hour,events\n0,5\n',
    'empty.csv': 'second,events\n',
    'zero.csv': 'second,events\n0,0\n',
    'text.csv': 'second,events\n0,5\n1,many\n',
    'negative.csv': 'second,events\n0,-1\n',
    'second.csv': 'second,events\n0,5\n'
  })
  const refused = (name: string, message: RegExp, column?: string) =>
    t.throws(() => readTrace(join(folder, name), column), { code: 'bad-trace', message })
  refused('missing.csv', /missing\.csv cannot be read: ENOENT/)
  refused('hour.csv', /second or minute.*got hour/)
  refused('empty.csv', /holds no rows/)
  refused('zero.csv', /holds no events/)
  refused('text.csv', /text\.csv:3: .*got many/)
  refused('negative.csv', /negative\.csv:2: .*got -1/)
  refused('second.csv', /--column: .* no column requests; it has second, events/, 'requests')
})

t.test('arrives as often as the trace says, in order, and each organization as often as its row says', async (t) => {
  const folder = t.testdir({ 'organizations.csv': ORGANIZATIONS })
  const stream = new ArrivalStream(readTrace(join(folder, 'organizations.csv'), undefined), 1)
  for (const [bin, expected] of [[0, 0, 1], [1, 1, 1, 1]].entries()) {
    t.ok(stream.next())
    t.strictSame([...stream.labels!.subarray(0, stream.count)].toSorted(), expected)
    const times = [...stream.times.subarray(0, stream.count)]
    t.strictSame(times, times.toSorted((a, b) => a - b))
    t.ok(times.every((at) => at >= bin * 60_000 && at < (bin + 1) * 60_000))
  }
  t.notOk(stream.next())
})

t.test('organizations arrive in no order', async (t) => {
  const organizations = ['a', 'b'].map((name) => ({ name, serviceTime: 1, counts: Float64Array.of(200) }))
  const stream = new ArrivalStream({ binMs: 1_000, counts: Float64Array.of(400), isCounted: true, organizations }, 3)
  stream.next()
  const early = stream.labels!.subarray(0, 200).reduce((sum, organization) => sum + organization, 0)
  t.ok(early > 70 && early < 130, String(early))
})

t.test('a scaled trace has that many times the events, in the mean', async (t) => {
  const counts = new Float64Array(2_000).fill(3)
  const countOf = (scale: number) => {
    const stream = new ArrivalStream(scaled({ binMs: 1_000, counts, isCounted: true }, scale), 5)
    let sum = 0
    while (stream.next()) sum += stream.count
    return sum
  }
  t.equal(countOf(1), 6_000)
  t.equal(countOf(2), 12_000)
  t.ok(Math.abs(countOf(0.1) - 600) < 60, String(countOf(0.1)))
})

t.test('a mean is drawn as a Poisson process', async (t) => {
  const mean = 20
  const stream = new ArrivalStream({ binMs: 1_000, counts: new Float64Array(5_000).fill(mean), isCounted: false }, 5)
  const counts: number[] = []
  while (stream.next()) counts.push(stream.count)
  const found = counts.reduce((sum, count) => sum + count, 0) / counts.length
  const variance = counts.reduce((sum, count) => sum + (count - found) ** 2, 0) / counts.length
  t.ok(Math.abs(found - mean) < 0.5, String(found))
  t.ok(Math.abs(variance - mean) < 1.5, String(variance))
})
