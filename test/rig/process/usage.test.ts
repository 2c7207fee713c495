import t from 'tap'
import { cpuMicrosIn, cpuMicrosOf, exactCpuMicrosOf, memoryMiBOf } from '../../../rig/process/usage.ts'

t.test('adds user and system time, whatever the program is called', async (t) => {
  const stat = '42 (a) b (c)) S 1 42 42 0 -1 4194304 100 0 0 0 150 25 7 7 20 0 1 0 100 1000 10'
  t.equal(cpuMicrosIn(stat), 1_750_000)
})

t.test('reads a process that runs', async (t) => {
  t.ok(cpuMicrosOf(process.pid) > 0)
  const { rss, peak } = memoryMiBOf(process.pid)
  t.ok(rss > 1 && peak >= rss)
})

t.test('reads the time of all threads between two ticks', async (t) => {
  const used = () => { const { user, system } = process.cpuUsage(); return user + system }
  const [before, exactBefore] = [used(), exactCpuMicrosOf(process.pid)]
  while (used() - before < 30_000);
  const exact = exactCpuMicrosOf(process.pid) - exactBefore
  t.ok(exact > 20_000 && exact < 2 * (used() - before) + 20_000, `${exact} µs`)
})
