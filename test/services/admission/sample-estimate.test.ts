import t from 'tap'
import { eventOffer, type Offer } from '../../../services/admission/offer.ts'
import { priorityClass } from '../../../services/admission/priority-class.ts'
import { relief, type Sampling } from '../../../services/control/kept-shares.ts'
import { draw, seedOf } from '../../../simulate/draw.ts'
import { permitOf } from './answers.ts'
import { startGate } from './setup.ts'

const THRESHOLDS = { recovery: 200, warning: 1_000, critical: 5_000, hardLimit: 20_000 }
const RUNS = 100
const SAMPLES = 40
const PRIORITIES = [1, 5, 10] as const

interface Ramp {
  sampling: Sampling
  /** Events that come between two readings. */
  arrivals: (sample: number) => number
  depth: number
  /** The depth at the next reading, with the events that were kept. */
  next: (depth: number, kept: number) => number
}

const RAMPS: Record<string, Ramp> = {
  'a share that stays': { sampling: 'low-and-normal', arrivals: () => 60, depth: 3_500, next: (depth) => depth },
  'a queue that fills up to where low events are refused': {
    sampling: 'low-and-normal', arrivals: () => 120, depth: 1_000,
    next: (depth, kept) => Math.min(4_700, depth + 3 * kept)
  },
  'low alone, in a queue that fills up and empties': {
    sampling: 'low',
    arrivals: (sample) => sample % 20 < 10 ? 120 : 15,
    depth: 2_000,
    next: (depth, kept) => depth + 5 * (kept - 60)
  }
}

type Replica = Awaited<ReturnType<typeof startGate>>

/** Offers an event as the service does, and returns the number of events that it stands for; undefined if left out. */
function decide ({ gate }: Replica, offer: Offer, key: string): number | undefined {
  const weight = gate.weightOf(offer, key)
  const permit = permitOf(gate.admit(offer, false, weight === undefined))
  if (permit.route === 'queue') gate.inTransit.recordOut(1, 0)
  permit.settle(permit.route === 'sampled' ? 'sampled' : 'enqueued')
  return weight
}

/**
 * Lets two replicas admit events to one queue, whose depth moves the shares. Returns by how many standard errors the sum
 * of the weights misses the number of events that came: of those that the weights tell, and of the true ones.
 */
async function run (seed: number, { sampling, arrivals, depth: from, next }: Ramp) {
  const replicas = await Promise.all([startGate(), startGate()])
  const seeds = { replica: seedOf(seed, 'replica'), priority: seedOf(seed, 'priority') }
  let [depth, events, estimate, toldVariance, trueVariance, differing] = [from, 0, 0, 0, 0, 0]
  const shares = new Set<number>()
  for (let sample = 0; sample < SAMPLES; sample++) {
    const kept = relief(sampling, depth, THRESHOLDS, undefined).kept!
    shares.add(kept.low)
    for (const { observe } of replicas) {
      observe(depth, { settings: { mode: 'true', thresholds: THRESHOLDS, kept } })
    }
    let count = 0
    for (let index = 0; index < arrivals(sample); index++) {
      const key = `${seed}-${events}`
      const priority = PRIORITIES[Math.floor(3 * draw(seeds.priority, events))]!
      const offer = eventOffer({ type: 'x', priority, organizationId: 'acme' })
      const asked = replicas[draw(seeds.replica, events++) < 0.5 ? 0 : 1]!
      const weight = decide(asked, offer, key)
      if (replicas.some(({ gate }) => gate.weightOf(offer, key) !== weight)) differing++
      const share = kept[priorityClass(priority)]
      trueVariance += (1 - share) / share
      if (weight === undefined) continue
      count++
      estimate += weight
      toldVariance += weight * (weight - 1)
    }
    depth = next(depth, count)
  }
  const error = Math.abs(estimate - events)
  return {
    told: error / Math.sqrt(toldVariance), true: error / Math.sqrt(trueVariance), differing, shares: shares.size, depth
  }
}

for (const [name, ramp] of Object.entries(RAMPS)) {
  t.test(`${name}: weights give the total within three standard errors in 99 of 100 runs`, async (t) => {
    const runs: Awaited<ReturnType<typeof run>>[] = []
    for (let seed = 1; seed <= RUNS; seed++) runs.push(await run(seed, ramp))
    const within = (times: number, by: 'true' | 'told') => runs.filter((run) => run[by] <= times).length
    t.ok(within(3, 'true') >= 0.99 * RUNS, `${within(3, 'true')} of ${RUNS}`)
    // High on the ramp few events with large weights are kept, which tell less of the error.
    t.ok(within(3, 'told') >= 0.98 * RUNS, `${within(3, 'told')} of ${RUNS} by the errors that the weights tell`)
    t.ok(within(1, 'true') > 0.5 * RUNS && within(1, 'true') < 0.9 * RUNS, 'the error is as large as it has to be')
    const isMoving = runs.every(({ shares }) => shares > SAMPLES / 4)
    t.equal(isMoving, ramp !== RAMPS['a share that stays'], 'the ramp moves')
    const differing = runs.reduce((sum, run) => sum + run.differing, 0)
    t.equal(differing, 0, 'the answer is the same on a retry and on the other replica')
  })
}
