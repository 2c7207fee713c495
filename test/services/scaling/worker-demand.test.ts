import t from 'tap'
import fc from 'fast-check'
import type { WorkSample } from '../../../services/control/capacity.ts'
import { WorkerDemand } from '../../../services/scaling/worker-demand.ts'
import { Autoscaler } from './autoscaler.ts'

const DRAIN_TARGET_MS = 60_000
const IDLE: WorkSample = {
  at: 0,
  arrived: 0,
  worked: 0,
  completed: 0,
  waiting: 0,
  inWork: 0,
  workers: 1,
  slots: 20,
  takenSlots: 0,
  isPaused: false,
  isHeldUp: false
}

interface Seconds {
  arrived?: number
  worked?: number
  waiting?: number
  takenSlots?: number
  workers?: number
  isPaused?: boolean
  isHeldUp?: boolean
}

/** A demand that sees a sample a second; arrived and worked are events per second. */
function start () {
  const demand = new WorkerDemand({ drainTargetMs: DRAIN_TARGET_MS })
  let sample = IDLE
  demand.observe(sample)
  const pass = (seconds: number, { arrived = 0, worked = 0, workers = 1, ...rest }: Seconds) => {
    for (let second = 0; second < seconds; second++) {
      sample = {
        ...IDLE,
        ...rest,
        workers,
        slots: workers * 20,
        at: sample.at + 1_000,
        arrived: sample.arrived + arrived,
        worked: sample.worked + worked,
        completed: sample.completed + worked
      }
      demand.observe(sample)
    }
    return demand.needed
  }
  return { demand, pass }
}

t.test('is not known before two seconds have been seen', async (t) => {
  const { demand, pass } = start()
  t.equal(demand.needed, undefined)
  t.equal(pass(1, { arrived: 9 }), undefined)
  t.equal(new WorkerDemand({ drainTargetMs: DRAIN_TARGET_MS }).needed, undefined)
})

t.test('an empty queue needs one, with or without a worker', async (t) => {
  t.equal(start().pass(5, {}), 1)
  t.equal(start().pass(5, { workers: 0 }), 1)
})

t.test('events without any worker need one, whatever its speed', async (t) => {
  t.equal(start().pass(5, { workers: 0, arrived: 1_000, waiting: 5_000 }), 1)
})

t.test('events behind a worker of unknown speed need nobody knows how many', async (t) => {
  t.equal(start().pass(5, { arrived: 1_000, waiting: 5_000, takenSlots: 20 }), undefined)
})

t.test('counts arrivals and backlog against what a busy worker does', async (t) => {
  t.equal(start().pass(30, { arrived: 250, worked: 100, waiting: 100, takenSlots: 20 }), 3)
  t.equal(start().pass(30, { arrived: 250, worked: 100, waiting: 6_000, takenSlots: 20 }), 4)
  t.equal(start().pass(30, { arrived: 250, worked: 200, workers: 4, waiting: 6_000, takenSlots: 80 }), 7)
})

t.test('counts what is about to arrive, if that is more', async (t) => {
  const { demand, pass } = start()
  pass(30, { arrived: 50, worked: 100, waiting: 0, takenSlots: 20 })
  for (const [ahead, needed] of [[0, 1], [50, 1], [350, 4], [20, 1]] as const) {
    demand.foresee(ahead)
    t.equal(demand.needed, needed, `${ahead} ahead`)
  }
  demand.foresee(350)
  t.equal(pass(1, { isPaused: true }), undefined)
  const unknown = start().demand
  unknown.foresee(350)
  t.equal(unknown.needed, undefined)
})

t.test('lightly used workers are too many', async (t) => {
  t.equal(start().pass(30, { arrived: 100, worked: 100, workers: 8, takenSlots: 16 }), 1)
  t.equal(start().pass(30, { arrived: 100, worked: 100, workers: 8, takenSlots: 64 }), 4)
})

t.test('holds the speed of workers that are idle, held up, gone or away', async (t) => {
  const busy: Seconds = { arrived: 100, worked: 100, takenSlots: 20 }
  const backlog: Seconds = { waiting: 24_000 }
  for (
    const meanwhile of [{}, { isHeldUp: true, waiting: 9, takenSlots: 20 }, { workers: 0, waiting: 9 }, {
      isPaused: true,
      waiting: 9
    }]
  ) {
    const { pass } = start()
    pass(60, busy)
    pass(3_600, meanwhile)
    t.equal(pass(1, backlog), 4, JSON.stringify(meanwhile))
  }
})

t.test('while an operator has paused the work nobody is asked for', async (t) => {
  const { pass } = start()
  t.equal(pass(30, { arrived: 100, worked: 100, takenSlots: 20 }), 1)
  t.equal(pass(30, { arrived: 100, waiting: 60_000, isPaused: true }), undefined)
  t.equal(pass(1, { waiting: 60_000 }), 11)
})

t.test('a queue that is lost needs nobody knows how many, and what was learned of workers stays', async (t) => {
  const { demand, pass } = start()
  pass(30, { arrived: 100, worked: 100, takenSlots: 20 })
  demand.lose()
  t.equal(demand.needed, undefined)
  t.equal(pass(1, { waiting: 6_001 }), 3)
})

t.test('counts that went back count as nothing', async (t) => {
  const { demand, pass } = start()
  pass(30, { arrived: 100, worked: 100, takenSlots: 20 })
  demand.observe({ ...IDLE, at: 31_000 })
  demand.observe({ ...IDLE, at: 30_500 })
  t.equal(demand.needed, 1)
})

t.test('a clock that was put forward does not make workers slow', async (t) => {
  const { demand, pass } = start()
  pass(30, { arrived: 100, worked: 100, takenSlots: 20 })
  const busy = { ...IDLE, takenSlots: 20, arrived: 3_000, worked: 3_000 }
  demand.observe({ ...busy, at: 3_600_000 })
  demand.observe({ ...busy, at: 3_601_000, arrived: 3_100, worked: 3_100, waiting: 6_000 })
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
        // One more is a matter of rounding, and a tenth more or fewer of the tolerance of an autoscaler.
        const isWorkedOff = backlog <= (1 + end / 10) * load.ratePerWorker * DRAIN_TARGET_MS / 1_000
        return returns <= mostReturns && end * 1.1 >= least && end * 0.9 <= least + 1 && isWorkedOff
      }),
      { numRuns: 300 }
    )
  )
})
