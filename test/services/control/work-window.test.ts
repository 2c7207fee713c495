import t from 'tap'
import fc from 'fast-check'
import { mulberry32 } from '../../../rig/random.ts'
import { WorkWindow } from '../../../services/control/work-window.ts'

/** Lumps of 10 events after these gaps, seen every 100 ms, with one worker of which 4 slots hold 10 events each. */
function see (window: WorkWindow, gapsMs: readonly number[]): WorkWindow {
  let dueMs = 0
  let atMs = 0
  for (const gapMs of gapsMs) {
    dueMs += gapMs
    for (; atMs + 100 < dueMs; atMs += 100) window.add({ elapsedMs: 100, events: 0, effort: 0.1, inWorkMs: 4_000 })
    window.add({ elapsedMs: 100, events: 10, effort: 0.1, inWorkMs: 4_000 })
    atMs += 100
  }
  return window
}
const gaps = (count: number, gapMs: number) => Array.from({ length: count }, () => gapMs)
const rounded = ({ rate }: WorkWindow) => rate === undefined ? undefined : Math.round(rate * 100) / 100

t.test('tells nothing from nothing, or from less than two seconds', async (t) => {
  t.equal(new WorkWindow().rate, undefined)
  t.equal(see(new WorkWindow(), gaps(19, 100)).rate, undefined)
  t.equal(rounded(see(new WorkWindow(), gaps(20, 100))), 100)
})

t.test('is exact from lump to lump, wherever in a gap it is asked', async (t) => {
  for (const silentMs of [0, 1_000, 3_900]) {
    const window = see(new WorkWindow(), gaps(10, 4_000))
    window.add({ elapsedMs: silentMs, events: 0, effort: silentMs / 1_000, inWorkMs: 0 })
    t.equal(rounded(window), 2.5, `${silentMs} ms after a lump`)
  }
})

t.test('a silence lowers it before the next lump ends', async (t) => {
  const window = see(new WorkWindow(), gaps(100, 100))
  window.add({ elapsedMs: 4_000, events: 0, effort: 4, inWorkMs: 160_000 })
  t.equal(rounded(window), 2.5)
})

t.test('forgets what was when work gets far slower or faster', async (t) => {
  const window = see(new WorkWindow(), gaps(100, 100))
  t.equal(rounded(see(window, gaps(1, 4_000))), 2.5)
  t.equal(rounded(see(window, gaps(9, 4_000))), 2.5)
  t.equal(rounded(see(window, gaps(32, 100))), 100)
})

t.test('remembers a minute', async (t) => {
  const window = see(new WorkWindow(), gaps(600, 100))
  see(window, gaps(400, 150))
  t.equal(rounded(window), 66.67)
})

// The seed is fixed: one history in several thousand is further off, by chance.
t.test('chance alone does not change it: gaps of any kind stay as near to the truth as so many can tell it, for an hour', async (t) => {
  t.doesNotThrow(() => fc.assert(fc.property(fc.nat(), fc.constantFrom(100, 300, 1_000), (seed, meanMs) => {
    const random = mulberry32(seed)
    const window = new WorkWindow()
    for (let minute = 0; minute < 60; minute++) {
      see(window, Array.from({ length: 60_000 / meanMs }, () => Math.max(100, -meanMs * Math.log(1 - random()))))
      const truth = 10_000 / (100 + meanMs * Math.exp(-100 / meanMs))
      const factor = 1 + 10 / Math.sqrt(60_000 / meanMs)
      const { rate = 0 } = window
      if (rate < truth / factor || rate > truth * factor) return false
    }
    return true
  }), { numRuns: 20, seed: 1 }))
})

const added = (window: WorkWindow, count: number, interval: { elapsedMs: number, inWorkMs: number }) => {
  for (let lump = 0; lump < count; lump++) window.add({ events: 1, effort: interval.elapsedMs / 1_000, ...interval })
  return window
}

t.test('a few fast lumps may be calls that began together, and are no change of the speed', async (t) => {
  const window = added(new WorkWindow(), 7, { elapsedMs: 10_000, inWorkMs: 0 })
  t.ok(added(window, 4, { elapsedMs: 100, inWorkMs: 0 }).lumps > 8)
  t.equal(added(window, 4, { elapsedMs: 100, inWorkMs: 0 }).lumps, 8, 'eight are one')
})

t.test('a gap shorter than two batches in work is no change of the speed', async (t) => {
  for (const [serviceMs, lumps] of [[20_000, 21], [1_000, 1]] as const) {
    const window = added(new WorkWindow(), 20, { elapsedMs: 100, inWorkMs: serviceMs })
    t.equal(added(window, 1, { elapsedMs: 15_000, inWorkMs: serviceMs }).lumps, lumps, `a gap, ${serviceMs} ms in work`)
  }
})

t.test('lumps closer together than 100 ms are one, and the last four stay however old they are', async (t) => {
  t.ok(added(new WorkWindow(), 1_000, { elapsedMs: 10, inWorkMs: 0 }).lumps < 120)
  t.equal(added(new WorkWindow(), 9, { elapsedMs: 70_000, inWorkMs: 0 }).lumps, 3)
})
