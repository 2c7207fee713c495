import t from 'tap'
import fc from 'fast-check'
import { mulberry32 } from '../../../rig/random.ts'
import { Capacity } from '../../../services/control/capacity.ts'
import { Control, type ControlReading, type ControlSettings } from '../../../services/control/control.ts'
import { decodeLearned, LEARNED_FIELD } from '../../../services/control/learned.ts'
import { flow, type World } from './flow.ts'

const OPERATOR = { recovery: 5_000, warning: 10_000, critical: 50_000, hardLimit: 1_000_000 }
const SETTINGS: ControlSettings = {
  thresholds: 'adaptive', shedding: 'smooth', sampling: 'off', fairness: 'off',
  budgetsMs: { critical: 2_000, normal: 30_000, low: 300_000 }
}

interface Replica {
  readonly capacity: Capacity
  readonly control: Control
}

function replica (settings = SETTINGS): Replica {
  const capacity = new Capacity()
  return { capacity, control: new Control({ capacity, settings: () => settings, onUnderestimated: () => {} }) }
}

const byPriority = (values: Record<number, number>) =>
  Array.from({ length: 11 }, (_, priority) => values[priority] ?? 0)

/** A reading of an overload by low events: so many have come, and a tenth of them was done. */
const balanceAt = (second: number, control: Record<string, string> = {}) => ({
  redisTimeMs: second * 1_000, depthByPriority: byPriority({ 9: 900 * second }), activeByPriority: byPriority({}),
  oldestWaitingMsByPriority: [], control, done: 100 * second, dead: 0, expired: 0,
  enqueuedByPriority: byPriority({ 9: 1_000 * second }),
  ledger: { admission: { critical: { received: 0 }, normal: { received: 0 }, low: { received: 1_000 * second } } }
})

const OVERLOAD = { offered: [10, 600, 300], capacityAt: () => 300, seconds: 200 } as const satisfies Partial<World>

/** A replica that has lived through an overload, and its last reading. */
function experienced () {
  const own = replica()
  let last: ControlReading | undefined
  const moments = flow({
    ...OVERLOAD, ...own, operator: OPERATOR, beside: (_work, reading) => { last = reading }
  })
  const reading = { ...last!, redisTimeMs: last!.redisTimeMs + 100 }
  return { ...own, reading, thresholds: moments.at(-1)!.thresholds, text: own.control.learned! }
}

t.test('a replica that starts goes on from the thresholds and the capacity of the others', async (t) => {
  const { capacity, reading, thresholds, text } = experienced()
  const late = replica()
  const joined = late.control.observe({ ...reading, control: { [LEARNED_FIELD]: text } }, [], OPERATOR)
  t.ok(thresholds.critical < OPERATOR.critical / 4, `${thresholds.critical}`)
  t.strictSame(joined, thresholds)
  t.match(late.capacity.estimate, { perSecond: capacity.estimate.perSecond, evidence: 'held', isMeasured: true })
  t.equal(late.control.observe(reading, [], OPERATOR).critical, thresholds.critical, 'and holds them without evidence')
})

t.test('it joins once: a replica that runs learns by its own readings', async (t) => {
  const { reading, text } = experienced()
  const running = replica()
  t.equal(running.control.observe(reading, [], OPERATOR), OPERATOR)
  t.equal(running.control.observe({ ...reading, control: { [LEARNED_FIELD]: text } }, [], OPERATOR), OPERATOR)
})

t.test('findings of long ago, of the future, or out of bounds are none', async (t) => {
  const { reading, text } = experienced()
  const { at, speed, thresholds } = JSON.parse(text)
  const findings = { at, speed, thresholds, pressure: 1.2 }
  const decoded = (more: object, now = at) => decodeLearned(JSON.stringify({ ...findings, ...more }), now)
  t.strictSame(decoded({}), { speed, thresholds, pressure: 1.2 })
  t.strictSame(decoded({}, at + 60_000), { speed, thresholds, pressure: undefined }, 'pressure of a minute ago')
  const nothing = { speed: undefined, thresholds: undefined, pressure: undefined }
  for (const more of [{ at: at - 3_600_001 }, { at: at + 3_600_001 }, { at: null }, { at: '1' }]) {
    t.strictSame(decoded(more), nothing)
  }
  const bad: Record<string, unknown>[] = [
    { pressure: 2 }, { pressure: -0.1 }, { pressure: '1' }, { thresholds: null }, { speed: 'fast' },
    { thresholds: { ...thresholds, sustained: -1 } }, { thresholds: { ...thresholds, sustained: 1e300 } },
    { thresholds: { ...thresholds, critical: null } }, { thresholds: { ...thresholds, inWork: 1e13 } },
    { speed: { ...speed, perWorker: -1 } }, { speed: { ...speed, lumps: 0 } }, { speed: { ...speed, source: 'none' } },
    { speed: { ...speed, workers: 0 } }, { speed: { ...speed, completedShare: 1.1 } }
  ]
  for (const more of bad) {
    const [part = ''] = Object.keys(more)
    t.strictSame(decoded(more), { speed, thresholds, pressure: 1.2, [part]: undefined }, JSON.stringify(more))
  }
  for (const odd of [undefined, '', '{', 'null', '[]', `${text}${' '.repeat(1_024)}`]) {
    t.strictSame(decodeLearned(odd, at), nothing, String(odd))
    const { control } = replica()
    const record: Record<string, string> = odd === undefined ? {} : { [LEARNED_FIELD]: odd }
    t.equal(control.observe({ ...reading, control: record }, [], OPERATOR), OPERATOR)
  }
})

t.test('whatever it joins, thresholds stay in order and within the bounds of the operator', async () => {
  const count = fc.double({ min: 0, max: 1e12, noNaN: true })
  const positive = fc.double({ min: 1, max: 1e12, noNaN: true })
  const thresholds = fc.record({ sustained: count, inWork: count, warning: positive, critical: positive })
  fc.assert(fc.property(thresholds, fc.array(fc.nat(2_000_000), { minLength: 1, maxLength: 5 }), (thresholds, depths) => {
    const { control } = replica()
    const text = JSON.stringify({ at: 0, thresholds })
    return depths.every((depth, second) => {
      const reading = { ...balanceAt(second, { [LEARNED_FIELD]: text }), depthByPriority: byPriority({ 9: depth }) }
      const { recovery, hold = NaN, warning, critical, hardLimit } = control.observe(reading, [], OPERATOR)
      return recovery > 0 && recovery < hold && hold < warning && warning < critical &&
        critical <= hardLimit * 0.9 && hardLimit === OPERATOR.hardLimit
    })
  }))
})

t.test('smooth shedding of a replica that starts goes on from the pressure of the others', async (t) => {
  const { control } = replica()
  const relieve = (control: Control, reading: ReturnType<typeof balanceAt>) => {
    const thresholds = control.observe(reading, [], OPERATOR)
    return control.relieve(reading, { ...thresholds, critical: 2_000 }, 'CLOSED').shedding?.shares.low
  }
  const shares = [1, 2, 3].map((second) => relieve(control, balanceAt(second)))
  t.ok(shares[2]! > 0.5, `${shares[2]}`)
  const late = replica().control
  t.equal(relieve(late, balanceAt(4, { [LEARNED_FIELD]: control.learned! })), shares[2])
  const cliff = replica({ ...SETTINGS, shedding: 'cliff' }).control
  t.equal(relieve(cliff, balanceAt(4, { [LEARNED_FIELD]: control.learned! })), undefined)
})

t.test('a reset forgets the pressure and keeps what was learned of the capacity', async (t) => {
  const { control } = replica()
  const observe = (second: number, resets: string) => {
    const reading = balanceAt(second, { resets })
    const thresholds = { ...control.observe(reading, [], OPERATOR), critical: 2_000 }
    return control.relieve(reading, thresholds, 'CLOSED').shedding?.shares.low
  }
  const before = [1, 2, 3].map((second) => observe(second, '7'))
  t.ok(before[2]! > 0.5, 'resets of the past are no resets')
  t.equal(observe(4, '8'), 0)
  t.ok(observe(5, '8')! > 0, 'it begins again')
  const { control: learned, reading, thresholds } = experienced()
  t.equal(learned.observe({ ...reading, control: { resets: '1' } }, [], OPERATOR).critical, thresholds.critical)
})

t.test('tells the speed of workers whatever else is decided, and nothing before it is known or while the queue cannot be read', async (t) => {
  const plain = replica({ ...SETTINGS, thresholds: 'static', shedding: 'cliff' })
  t.equal(plain.control.learned, undefined)
  flow({ ...OVERLOAD, seconds: 10, ...plain, operator: OPERATOR })
  t.match(JSON.parse(plain.control.learned!), { speed: { perWorker: Number } })
  const { control } = experienced()
  control.lose()
  t.equal(control.learned, undefined)
  t.ok(experienced().control.learned!.length < 512)
})

t.test('a capacity without end is not told', async (t) => {
  const { capacity } = replica()
  capacity.join({ perWorker: Infinity, lumps: 1, source: 'utilisation', at: 0, workers: 1, completedShare: 1 })
  t.equal(capacity.learned, undefined)
})

t.test('a consumer that has become another one meanwhile is followed by the evidence of its work', async (t) => {
  const { reading, text } = experienced()
  for (const perSecond of [60, 1_500]) {
    const late = replica()
    late.control.observe({ ...reading, control: { [LEARNED_FIELD]: text } }, [], OPERATOR)
    flow({ ...OVERLOAD, offered: [10, 3_000, 300], capacityAt: () => perSecond, seconds: 30, operator: OPERATOR, ...late })
    const estimate = late.capacity.estimate.perSecond!
    t.ok(Math.abs(estimate / perSecond - 1) < 0.1, `${estimate} of ${perSecond}`)
    t.equal(late.capacity.estimate.evidence, 'busy')
  }
})

/** How far the critical thresholds of two replicas were apart at most, as a share, from this second on. */
function worstDifference (seed: number, swing: number, startAt: number): number {
  const [own, other] = [replica(), replica()]
  const random = mulberry32(seed)
  let [step, worst, critical] = [0, 0, OPERATOR.critical]
  const joining: Record<string, string> = {}
  flow({
    offered: [10, 600, 300], seconds: 900, operator: OPERATOR, ...own,
    capacityAt: () => 300 * (1 - swing + 2 * swing * random()),
    beside: (work, reading, rates) => {
      const second = reading.redisTimeMs / 1_000
      // The other one reads less often, between the readings of the first.
      if (second < startAt || ++step % 3 !== 0) return
      if (step === 3 && startAt > 0) joining[LEARNED_FIELD] = own.control.learned!
      other.capacity.observe(work)
      critical = other.control.observe({ ...reading, control: joining }, rates, OPERATOR).critical
      const { thresholds } = JSON.parse(own.control.learned!)
      const { thresholds: others } = JSON.parse(other.control.learned!)
      if (second < 60 || thresholds === undefined || others === undefined) return
      worst = Math.max(worst, Math.abs(Math.log(thresholds.sustained / others.sustained)))
    }
  })
  if (critical === OPERATOR.critical) throw new Error('the other replica has learned nothing')
  return Math.exp(worst) - 1
}

t.test('two replicas that learn by readings of their own stay within 7 % of each other', async (t) => {
  for (const swing of [0, 0.3]) {
    for (const startAt of [0, 300]) {
      const difference = worstDifference(1, swing, startAt)
      t.ok(difference < 0.07, `${difference} with a swing of ${swing}, from second ${startAt}`)
    }
  }
})
