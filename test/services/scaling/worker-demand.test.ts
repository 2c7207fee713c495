import t from 'tap'
import fc from 'fast-check'
import type { WorkersNeeded } from '../../../services/scaling/scaling-state.ts'
import { scalingReason } from '../../../services/scaling/scaling-reason.ts'
import { WorkerDemand } from '../../../services/scaling/worker-demand.ts'
import { Autoscaler } from './autoscaler.ts'
import { sample, SLOTS, type Figures } from './sample.ts'

const DRAIN_TARGET_MS = 60_000
const OPTIONS = {
  drainTargetMs: DRAIN_TARGET_MS,
  scaleInAfterMs: 120_000,
  budgetsMs: () => ({ critical: 2_000, normal: 30_000, low: 300_000 })
}
const BUSY = { arrived: 100, worked: 100, takenSlots: SLOTS }

/** A demand that sees a sample a second; arrived and worked are events per second. */
function start () {
  const demand = new WorkerDemand(OPTIONS)
  let last = sample({})
  demand.observe(last)
  return {
    demand,
    state: () => demand.state as WorkersNeeded,
    pass: (seconds: number, { arrived = 0, worked = 0, ...rest }: Figures) => {
      for (let second = 0; second < seconds; second++) {
        last = sample({
          ...rest,
          at: last.at + 1_000,
          arrived: last.arrived + arrived,
          worked: last.worked + worked,
          completed: last.worked + worked
        })
        demand.observe(last)
      }
      return demand.needed
    }
  }
}

t.test('is not known before two seconds have been seen', async (t) => {
  const { demand, pass } = start()
  t.equal(demand.state, 'too-early')
  t.equal(pass(1, { arrived: 9 }), undefined)
  t.equal(new WorkerDemand(OPTIONS).needed, undefined)
})

t.test('an empty queue needs one, with or without a worker', async (t) => {
  t.equal(start().pass(5, {}), 1)
  t.equal(start().pass(5, { workers: 0 }), 1)
})

t.test('events without any worker need one, whatever its speed', async (t) => {
  t.equal(start().pass(5, { workers: 0, arrived: 1_000, waiting: 5_000 }), 1)
})

t.test('events behind a worker of unknown speed need nobody knows how many', async (t) => {
  const { demand, pass } = start()
  t.equal(pass(5, { arrived: 1_000, waiting: 5_000, takenSlots: 20 }), undefined)
  t.equal(demand.state, 'speed-unknown')
})

t.test('counts arrivals and backlog against what a busy worker does', async (t) => {
  t.equal(start().pass(30, { ...BUSY, arrived: 250, waiting: 100 }), 3)
  t.equal(start().pass(30, { ...BUSY, arrived: 250, waiting: 6_000 }), 4)
  t.equal(start().pass(30, { arrived: 250, worked: 200, workers: 4, waiting: 6_000, takenSlots: 80 }), 7)
})

t.test('a jump asks for the workers that the budgets need, before its backlog is there', async (t) => {
  const { pass, state } = start()
  pass(120, BUSY)
  // 800 a second more than one worker does are 48,000 after a minute, which have five.
  t.equal(pass(10, { ...BUSY, arrived: 900, waiting: 100 }), 11)
  t.ok(state().isSurge)
  t.ok(state().arrivalRate < 300, 'the steady rate has not come up yet')
})

t.test('follows a proven forecast at the horizon, and ahead of time if it is to act', async (t) => {
  const { demand, pass, state } = start()
  pass(30, { ...BUSY, arrived: 50 })
  const table: [atHorizon: number | undefined, breach: number, acts: boolean, needed: number, atHorizon: number][] = [
    [undefined, 0, true, 1, 1], [40, 0, true, 1, 1], [350, 0, false, 1, 4], [undefined, 0, false, 1, 4],
    [350, 0, true, 4, 4], [undefined, 650, true, 7, 7]
  ]
  for (const [atHorizon, breach, acts, needed, neededAtHorizon] of table) {
    demand.foresee({ atHorizon, breach, acts })
    pass(1, { ...BUSY, arrived: 50 })
    t.match(state(), { needed, neededAtHorizon }, JSON.stringify({ atHorizon, breach, acts }))
  }
  const unknown = start().demand
  unknown.foresee({ atHorizon: 350, breach: 350, acts: true })
  t.equal(unknown.needed, undefined)
})

t.test('lightly used workers are too many, which two minutes have to show', async (t) => {
  for (const [takenSlots, enough] of [[16, 1], [64, 4]] as const) {
    const { pass, state } = start()
    const light: Figures = { arrived: 100, worked: 100, workers: 8, takenSlots }
    t.equal(pass(1, { workers: 8 }), undefined)
    t.equal(pass(100, light), 8)
    t.equal(state().enoughNow, enough)
    t.equal(pass(60, light), enough)
  }
})

t.test('the number stays while the work stands still, and the speed of workers is known afterwards', async (t) => {
  const table: [figures: Figures, standstill: string | undefined, needed: number][] = [
    [{ isHeldUp: true, waiting: 90_000, takenSlots: 20 }, 'consumer-away', 1],
    [{ isPaused: true, waiting: 90_000 }, 'paused', 1],
    [{ workers: 0, heldWorkers: 2, waiting: 90_000, isPaused: true }, 'held', 2],
    [{ workers: 0, heldWorkers: 1, waiting: 90_000, isPaused: true }, 'held', 1],
    [{ workers: 0, waiting: 9 }, undefined, 1]
  ]
  for (const [figures, standstill, needed] of table) {
    const { pass, state } = start()
    pass(60, BUSY)
    t.equal(pass(3_600, figures), needed, JSON.stringify(figures))
    t.equal(state().standstill, standstill)
    t.equal(pass(1, { waiting: 24_000 }), 4, JSON.stringify(figures))
  }
})

t.test('workers that take no batch are asked for beside those that do', async (t) => {
  const { pass, state } = start()
  pass(60, BUSY)
  t.equal(pass(1, { waiting: 24_000, heldWorkers: 2 }), 7, 'five and the two')
  t.match(state(), { current: 3, held: 2 })
})

t.test('workers that take no batch do not draw in more and more of their kind', async (t) => {
  for (const working of [0, 1, 2]) {
    const { demand, pass, state } = start()
    pass(60, BUSY)
    pass(1, { waiting: 24_000 })
    let held = 0
    // An autoscaler starts what is asked for, and all that it starts take no batch.
    for (let look = 0; look < 20; look++) {
      pass(15, { waiting: 24_000, workers: working, heldWorkers: held, isPaused: working === 0 })
      held = Math.max(held, (demand.needed ?? 0) - working)
    }
    const figures = `${working} working, ${held} held`
    t.ok(working + held <= 12, figures)
    t.ok(state().needed >= working + held, `${figures}: none is ended that works`)
    t.ok(state().neededAtHorizon >= working + held, figures)
  }
})

t.test('whatever the counts are, the number is whole and at least one, and its reason has no figure without sense', async () => {
  const count = fc.oneof(fc.nat(200), fc.constantFrom(0, 1, 1e6, 1e12, Number.MAX_SAFE_INTEGER, -5, -1e9))
  const reading = fc.record({
    elapsedMs: fc.constantFrom(0, 1, 100, 1_000, 3_000, 60_000, 3_600_000, -5_000),
    arrived: count,
    worked: count,
    waiting: count.map((events) => Math.max(0, events)),
    inWork: count,
    workers: fc.constantFrom(0, 1, 2, 5, 1_000),
    heldWorkers: fc.nat(3),
    slots: fc.constantFrom(0, 20, 100),
    takenSlots: fc.constantFrom(0, 1, 20, 1_000, -3),
    isPaused: fc.boolean(),
    isHeldUp: fc.boolean(),
    isLost: fc.boolean()
  })
  fc.assert(fc.property(fc.array(reading, { minLength: 3, maxLength: 40 }), (readings) => {
    const demand = new WorkerDemand(OPTIONS)
    let at = 0
    for (const { elapsedMs, isLost, ...figures } of readings) {
      at += elapsedMs
      if (isLost) demand.lose()
      demand.observe(sample({ ...figures, at, completed: figures.worked }))
      const { state } = demand
      if (typeof state === 'string') continue
      for (const workers of [state.needed, state.neededAtHorizon, state.enoughNow])
        if (!Number.isSafeInteger(workers) || workers < 1) return false
      if (/NaN|Infinity|undefined|-\d/.test(scalingReason(state))) return false
    }
    return true
  }), { numRuns: 300 })
})

t.test('workers that do not raise the throughput are no longer asked for', async (t) => {
  const { pass, state } = start()
  const limited: Figures = { arrived: 900, worked: 200, waiting: 1e6, inWork: 20 }
  for (const workers of [2, 4, 8]) pass(40, { ...limited, workers, takenSlots: workers * SLOTS })
  t.match(state().limit, { workers: 2, compared: [2, 200, 8, 200] })
  t.equal(pass(200, { ...limited, workers: 8, takenSlots: 160 }), 2)
  t.ok(state().enoughNow > 100)
})

t.test('a queue that is lost needs nobody knows how many, and what was learned of workers stays', async (t) => {
  const { demand, pass } = start()
  pass(30, BUSY)
  demand.lose()
  t.equal(demand.state, 'queue-unavailable')
  t.equal(pass(1, { waiting: 6_001 }), 3)
})

t.test('counts that went back count as nothing', async (t) => {
  const { demand, pass } = start()
  pass(30, BUSY)
  demand.observe(sample({ at: 31_000 }))
  demand.observe(sample({ at: 30_500 }))
  t.equal(demand.needed, 1)
})

t.test('a clock that was put forward does not make workers slow', async (t) => {
  const { demand, pass } = start()
  pass(30, BUSY)
  demand.observe(sample({ at: 3_600_000, takenSlots: 20, arrived: 3_000, worked: 3_000, completed: 3_000 }))
  demand.observe(sample({
    at: 3_601_000, takenSlots: 20, arrived: 3_100, worked: 3_100, completed: 3_100, waiting: 6_000
  }))
  t.equal(demand.needed, 2)
})

t.test('an autoscaler that follows it goes up once, works the backlog off, and comes down to what the arrivals need', async (t) => {
  const load = fc.record({
    ratePerWorker: fc.double({ min: 5, max: 5_000, noNaN: true }),
    arrivals: fc.integer({ min: 5, max: 3_000 }).map((hundredths) => hundredths / 100),
    backlog: fc.double({ min: 0, max: 40, noNaN: true }),
    replicas: fc.integer({ min: 1, max: 40 }),
    startSeconds: fc.integer({ min: 0, max: 60 }),
    // Slots are scarce with 1, the processor with less.
    slotShareBelowLimit: fc.constantFrom(1, 0.4, 0.05)
  })
  t.doesNotThrow(() =>
    fc.assert(
      fc.property(load, (load) => {
        const scaler = new Autoscaler({ ...load, drainTargetMs: DRAIN_TARGET_MS })
        const { replicas, backlog } = scaler.run(50 * 60)
        const least = Math.ceil(load.arrivals)
        const end = replicas.at(-1) as number
        const steps = replicas.flatMap((count, index) =>
          index > 0 && count !== replicas[index - 1] ? [Math.sign(count - (replicas[index - 1] as number))] : []
        )
        const returns = steps.filter((step, index) => step > 0 && (steps[index - 1] ?? 0) < 0).length
        // Workers that were never busy can look faster than they are: once, until they are busy.
        const mostReturns = load.slotShareBelowLimit < 1 ? 1 : 0
        // The number falls to a twentieth above the need, and rises if a tenth is missing; an autoscaler tolerates one.
        const isWorkedOff = backlog <= (1 + end / 5) * load.ratePerWorker * DRAIN_TARGET_MS / 1_000
        const isEnough = end * 1.21 >= least && end * 0.9 <= Math.ceil(1.05 * load.arrivals) + 1
        return returns <= mostReturns && isEnough && isWorkedOff
      }),
      { numRuns: 100 }
    )
  )
})
