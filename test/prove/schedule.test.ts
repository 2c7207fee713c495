import t from 'tap'
import { schedule, type Injection } from '../../prove/schedule.ts'

const FAULTS = [{ name: 'a', lastsMs: [10, 20] }, { name: 'b', lastsMs: [500, 500] }, { name: 'c', lastsMs: [1, 1_000] }] as const

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
  const names = first(30, 1).map(({ fault }) => fault)
  const rounds = Array.from({ length: 10 }, (_, round) => names.slice(round * 3, round * 3 + 3))
  for (const round of rounds) t.strictSame(round.toSorted(), ['a', 'b', 'c'])
  t.ok(new Set(rounds.map((round) => round.join(''))).size > 2)
})

t.test('a fault lasts as long as it says', async (t) => {
  const bounds = new Map<string, readonly [number, number]>(FAULTS.map(({ name, lastsMs }) => [name, lastsMs]))
  for (const { fault, lastsMs, gapMs } of first(60, 2)) {
    const [shortest, longest] = bounds.get(fault) as readonly [number, number]
    t.ok(lastsMs >= shortest && lastsMs <= longest)
    t.ok(gapMs > 0)
  }
})

t.test('without faults there is nothing to come', async (t) => {
  t.strictSame([...schedule([], 1)], [])
})
