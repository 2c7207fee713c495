import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import t from 'tap'
import { readTrace } from '../../../bench/forecast/trace.ts'

t.test('reads counts by second, by minute and by organization', async (t) => {
  const folder = t.testdir({
    'second.csv': 'second,events\n0,5\n1,0\n2,7\n',
    'minute.csv.gz': gzipSync('minute,requests\n1998-05-20 00:00:00,3\n1998-05-20 00:01:00,4'),
    'organizations.csv': 'organization,average,m0,m1\none,12,1,2\nother,13,10,20\n'
  })
  const table: [file: string, column: string, values: number[], stepSeconds: number][] = [
    ['second.csv', 'events', [5, 0, 7], 1],
    ['minute.csv.gz', 'requests', [3, 4], 60],
    ['organizations.csv', 'events', [11, 22], 60]
  ]
  for (const [file, column, values, stepSeconds] of table) {
    const trace = readTrace(join(folder, file), column)
    t.strictSame([...trace.values], values)
    t.equal(trace.stepSeconds, stepSeconds)
  }
  t.throws(() => readTrace(join(folder, 'second.csv'), 'requests'), /no column requests; it has second, events/)
})
