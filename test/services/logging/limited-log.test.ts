import t from 'tap'
import { limitedPerSecond } from '../../../services/logging/limited-log.ts'

t.test('so many lines pass in a second, and the next one tells how many were left out', async (t) => {
  let now = 0
  const logged: [line: string, suppressed: number][] = []
  const log = limitedPerSecond<string>(2, (line, suppressed) => { logged.push([line, suppressed]) }, () => now)
  for (const line of ['a', 'b', 'c', 'd', 'e']) log(line)
  t.strictSame(logged.splice(0), [['a', 0], ['b', 0]])
  now = 999
  log('f')
  t.strictSame(logged.splice(0), [])
  now = 1_000
  for (const line of ['g', 'h', 'i']) log(line)
  t.strictSame(logged.splice(0), [['g', 4], ['h', 0]])
  now = 60_000
  log('j')
  t.strictSame(logged, [['j', 1]])
})
