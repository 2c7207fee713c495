import t from 'tap'
import { ReadingAge } from '../../../services/queue/reading-age.ts'

/** A time of Redis, whose clock is far from that of this process. */
const REDIS = 1_790_000_000_000

t.test('nothing is known of the age of a reading before Redis has answered', async (t) => {
  t.equal(new ReadingAge().at(REDIS, 5), Infinity)
})

t.test('the age of a reading is never underrated, however long answers and messages take', async (t) => {
  /** Redis runs a command at `run`; its own time then is REDIS + run. */
  const table: [commands: [sentAt: number, run: number][], read: number, now: number, atMost: number][] = [
    [[[0, 0]], 50, 50, 0],
    [[[0, 0]], 50, 250, 200],
    [[[0, 30]], 50, 60, 40],
    [[[0, 30], [100, 101]], 150, 160, 11],
    [[[100, 101], [200, 290]], 300, 310, 11],
    [[[0, 1], [10_100, 10_190]], 10_200, 10_210, 100]
  ]
  for (const [commands, read, now, atMost] of table) {
    const age = new ReadingAge()
    for (const [sentAt, run] of commands) age.observe(sentAt, REDIS + run)
    t.equal(age.at(REDIS + read, now), atMost, JSON.stringify({ commands, read, now }))
    t.ok(atMost >= now - read)
  }
})

t.test('follows a clock of Redis that was set', async (t) => {
  for (const stepMs of [3_600_000, -3_600_000]) {
    const age = new ReadingAge()
    age.observe(0, REDIS)
    age.observe(1_000, REDIS + stepMs + 1_000)
    t.equal(age.at(REDIS + stepMs + 1_500, 1_700), 200, `${stepMs}`)
  }
})

t.test('a reading from the future of Redis has no age', async (t) => {
  const age = new ReadingAge()
  age.observe(0, REDIS + 90)
  t.equal(age.at(REDIS + 100, 5), 0)
})
