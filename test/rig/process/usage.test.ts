import t from 'tap'
import { cpuMicrosIn, cpuMicrosOf, memoryMiBOf } from '../../../rig/process/usage.ts'

t.test('adds user and system time, whatever the program is called', async (t) => {
  const stat = '42 (a) b (c)) S 1 42 42 0 -1 4194304 100 0 0 0 150 25 7 7 20 0 1 0 100 1000 10'
  t.equal(cpuMicrosIn(stat), 1_750_000)
})

t.test('reads a process that runs', async (t) => {
  t.ok(cpuMicrosOf(process.pid) > 0)
  const { rss, peak } = memoryMiBOf(process.pid)
  t.ok(rss > 1 && peak >= rss)
})
