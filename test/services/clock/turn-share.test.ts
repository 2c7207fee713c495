import { setImmediate as nextTurn } from 'node:timers/promises'
import t from 'tap'
import { TurnShare } from '../../../services/clock/turn-share.ts'

t.test('a share is used up by time, and renewed by the next turn', async (t) => {
  let now = 0
  const share = new TurnShare(() => now)
  t.equal(share.isSpent, false)
  now += 100
  t.equal(share.isSpent, true)
  await nextTurn()
  t.equal(share.isSpent, false)
})

t.test('those who wait get a turn each, in the order in which they asked', async (t) => {
  let now = 0
  let turn = 0
  const share = new TurnShare(() => now)
  const countTurns = () => { if (++turn < 100) setImmediate(countTurns) }
  setImmediate(countTurns)
  const steps: [who: string, turn: number][] = []
  await Promise.all(['a', 'b', 'c'].map(async (who) => {
    for (let step = 0; step < 2; step++) {
      if (share.isSpent) await share.next()
      steps.push([who, turn])
      now += 100
    }
  }))
  t.strictSame(steps.map(([who]) => who), ['a', 'a', 'b', 'c', 'b', 'c'])
  t.equal(new Set(steps.map(([, turn]) => turn)).size, steps.length, 'no two steps share a turn')
})

t.test('whoever comes later does not pass those who wait, and the one whose turn it is goes on', async (t) => {
  let now = 0
  const share = new TurnShare(() => now)
  t.equal(share.isSpent, false)
  now += 100
  const first = share.next()
  const second = share.next()
  await first
  t.equal(share.isSpent, false, 'the turn belongs to the first, though another waits')
  await nextTurn()
  await second
  t.equal(share.isSpent, false)
})

t.test('what is left of a turn belongs to those who wait', async (t) => {
  const share = new TurnShare(() => 0)
  t.equal(share.isSpent, false)
  const waiting = share.next()
  t.equal(share.isSpent, true, 'though no time has passed')
  await waiting
  t.equal(share.isSpent, false)
})

t.test('the clock is read once for many small steps', async (t) => {
  let now = 0
  let readings = 0
  const share = new TurnShare(() => { readings++; return now })
  t.equal(share.isSpent, false)
  readings = 0
  now += 100
  let steps = 1
  while (!share.isSpentAfter(10)) steps++
  t.ok(steps > 10 && steps < 100, `${steps} steps of 10 characters`)
  t.equal(readings, 1)
  t.equal(share.isSpentAfter(100_000), true, 'and after each large one')
})
