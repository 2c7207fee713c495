import t from 'tap'
import { schedule, type Injection } from '../../prove/schedule.ts'

const FAULTS = [
  { name: 'a', lastsMs: [10, 20], targets: ['x'] },
  { name: 'b', lastsMs: [500, 500], targets: ['x', 'y'] },
  { name: 'c', lastsMs: [1, 1_000], targets: ['z'] },
  { name: 'd', lastsMs: [1, 2], targets: ['w'], isAlone: true }
] as const

function first (count: number, seed: number): Injection[] {
  const injections: Injection[] = []
  for (const injection of schedule(FAULTS, seed)) {
    injections.push(injection)
    if (injections.length === count) break
  }
  return injections
}

t.test('the same seed gives the same schedule', async (t) => {
  t.strictSame(first(30, 5), first(30, 5))
  t.notSame(first(30, 5), first(30, 6))
})

t.test('each fault comes once per round, in changing order', async (t) => {
  const names = first(60, 1).flatMap(({ faults }) => faults)
  const rounds = Array.from({ length: 10 }, (_, round) => names.slice(round * 4, round * 4 + 4))
  for (const round of rounds) t.strictSame(round.toSorted(), ['a', 'b', 'c', 'd'])
  t.ok(new Set(rounds.map((round) => round.join(''))).size > 2)
})

t.test('some overlap that act on different things, and none that has to be alone', async (t) => {
  const pairs = first(200, 2)
    .filter(({ faults }) => faults.length === 2)
    .map(({ faults }) => faults.toSorted().join(''))
  t.strictSame([...new Set(pairs)].toSorted(), ['ac', 'bc'])
})

t.test('a fault lasts as long as it says', async (t) => {
  const bounds = new Map<string, readonly [number, number]>(FAULTS.map(({ name, lastsMs }) => [name, lastsMs]))
  for (const { faults, lastsMs, gapMs } of first(60, 2)) {
    for (const [index, fault] of faults.entries()) {
      const [shortest, longest] = bounds.get(fault) as readonly [number, number]
      t.ok(lastsMs[index] as number >= shortest && lastsMs[index] as number <= longest)
    }
    t.ok(gapMs > 0)
  }
})

t.test('without faults there is nothing to come', async (t) => {
  t.strictSame([...schedule([], 1)], [])
})
