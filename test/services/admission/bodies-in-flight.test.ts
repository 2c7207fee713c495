import fc from 'fast-check'
import t from 'tap'
import {
  BodiesInFlight, GRACE_MS, IncomingBody, priorityOfBody, type BodyRefusalCause
} from '../../../services/admission/bodies-in-flight.ts'
import { PRIORITY_CLASSES, type PriorityClass } from '../../../services/admission/priority-class.ts'

const BUDGET = 1_000_000
const MOST_MS = 60_000

class TestBody extends IncomingBody {
  refusedBecause: BodyRefusalCause | undefined
  readonly priorityClass: PriorityClass

  constructor (priorityClass: PriorityClass) {
    super()
    this.priorityClass = priorityClass
  }

  refuse (because: BodyRefusalCause): void { this.refusedBecause = because }
}

const start = () => new BodiesInFlight(BUDGET, MOST_MS)

function receive (bodies: BodiesInFlight, priorityClass: PriorityClass, bytes: number, now: number): TestBody {
  const body = new TestBody(priorityClass)
  bodies.begin(body)
  if (bytes > 0) bodies.grow(body, bytes, now)
  return body
}

t.test('a body that sends nothing takes no room', async (t) => {
  const bodies = start()
  for (let begun = 0; begun < 1_000; begun++) receive(bodies, 'low', 0, 0)
  t.equal(bodies.heldBytes, 0)
  t.ok(bodies.hasRoom('low', BUDGET / 2, 0))
})

t.test('a class fills its share of the budget and no more; the rest is for better ones', async (t) => {
  for (const [priorityClass, share] of [['low', 0.5], ['normal', 0.75], ['critical', 1]] as const) {
    const bodies = start()
    const first = receive(bodies, priorityClass, BUDGET * share, 0)
    t.equal(first.refusedBecause, undefined, `${priorityClass} has ${share} of it`)
    t.notOk(bodies.hasRoom(priorityClass, 1, 0))
    const next = receive(bodies, priorityClass, 1, 0)
    t.equal(next.refusedBecause, 'no-room', `${priorityClass} has not more`)
    t.equal(first.refusedBecause, undefined, 'a body that keeps pace stays')
    t.equal(bodies.heldBytes, BUDGET * share, 'what was refused is given back')
  }
  const bodies = start()
  receive(bodies, 'low', BUDGET * 0.5, 0)
  t.equal(receive(bodies, 'normal', BUDGET * 0.25, 0).refusedBecause, undefined)
  t.equal(receive(bodies, 'critical', BUDGET * 0.25, 0).refusedBecause, undefined)
})

t.test('slow bodies give way: the worst class first, and in it the largest', async (t) => {
  const bodies = start()
  const small = receive(bodies, 'low', 100_000, 0)
  const large = receive(bodies, 'low', 200_000, 0)
  const normal = receive(bodies, 'normal', 400_000, 0)
  const standing = receive(bodies, 'critical', 200_000, 0)
  const late = GRACE_MS + 1
  const order = [[100_001, large], [300_001, small], [400_001, normal], [800_001, standing]] as const
  for (const [bytes, next] of order) {
    t.equal(next.refusedBecause, undefined)
    t.ok(bodies.hasRoom('critical', bytes, late))
    t.equal(next.refusedBecause, 'no-room')
  }
  t.equal(bodies.heldBytes, 0)
})

t.test('a slow body gives way to no worse class', async (t) => {
  const bodies = start()
  const slow = receive(bodies, 'normal', 600_000, 0)
  t.notOk(bodies.hasRoom('low', 1, GRACE_MS + 1))
  t.equal(slow.refusedBecause, undefined)
  t.ok(bodies.hasRoom('normal', 200_000, GRACE_MS + 1), 'and is found for its own class after that')
  t.equal(slow.refusedBecause, 'no-room')
})

t.test('a trickle does not keep a body from being slow', async (t) => {
  const bodies = start()
  const body = receive(bodies, 'normal', 500_000, 0)
  let now = 0
  for (; now <= 2 * GRACE_MS; now += 100) bodies.grow(body, 1, now)
  t.ok(bodies.hasRoom('normal', 750_000, now))
  t.equal(body.refusedBecause, 'no-room')
})

t.test('a body that keeps pace stays, however old it is', async (t) => {
  const bodies = start()
  const body = receive(bodies, 'normal', 100_000, 0)
  let now = 0
  for (; now <= 5 * GRACE_MS; now += 500) bodies.grow(body, 40_000, now)
  t.notOk(bodies.hasRoom('normal', 700_000, now))
  t.equal(body.refusedBecause, undefined)
})

t.test('a body that takes too long is refused, counted from its begin', async (t) => {
  const bodies = start()
  bodies.expire(0)
  const first = receive(bodies, 'critical', 10, 0)
  bodies.expire(10_000)
  const second = receive(bodies, 'critical', 10, 0)
  bodies.expire(MOST_MS - 1)
  t.equal(first.refusedBecause, undefined)
  bodies.expire(MOST_MS)
  t.strictSame([first.refusedBecause, second.refusedBecause], ['too-long', undefined])
  t.equal(bodies.heldBytes, 10)
  bodies.complete(second)
  bodies.expire(2 * MOST_MS)
  t.equal(second.refusedBecause, undefined, 'a complete body cannot take too long')
  bodies.release(second.bytes)
  t.equal(bodies.heldBytes, 0)
})

t.test('a complete body counts until it is answered, and does not give way', async (t) => {
  const bodies = start()
  const body = receive(bodies, 'normal', 700_000, 0)
  bodies.complete(body)
  t.notOk(bodies.hasRoom('normal', 100_000, 10 * GRACE_MS))
  t.equal(body.refusedBecause, undefined)
  bodies.release(body.bytes)
  t.ok(bodies.hasRoom('normal', 100_000, 10 * GRACE_MS))
})

t.test('the priority of a large body has to be told before it', async (t) => {
  const table: [told: number | undefined, bytes: number, priority: number][] = [
    [undefined, 0, 1],
    [undefined, 65_536, 1],
    [undefined, 65_537, 5],
    [1, 10_000_000, 1],
    [9, 1, 9]
  ]
  for (const [told, bytes, priority] of table)
    t.equal(priorityOfBody(told, bytes, 5), priority, `${told}, ${bytes} bytes`)
})

type Step = { kind: 'begin', priorityClass: PriorityClass } | {
  kind: 'grow' | 'complete' | 'abandon',
  body: number,
  bytes: number
}

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ kind: fc.constant('begin' as const), priorityClass: fc.constantFrom(...PRIORITY_CLASSES) }),
  fc.record({ kind: fc.constant('grow' as const), body: fc.nat(), bytes: fc.integer({ min: 1, max: 300_000 }) }),
  fc.record({ kind: fc.constantFrom('complete' as const, 'abandon' as const), body: fc.nat(), bytes: fc.constant(0) })
)

t.test('never holds more than the budget, and in the end nothing', async (t) => {
  t.doesNotThrow(() =>
    fc.assert(
      fc.property(fc.array(fc.tuple(step, fc.nat({ max: 700 })), { maxLength: 100 }), (steps) => {
        const bodies = start()
        const known: TestBody[] = []
        const isOver = new Set<TestBody>()
        let now = 0
        let complete = 0
        for (const [step, elapsedMs] of steps) {
          now += elapsedMs
          if (step.kind === 'begin') known.push(receive(bodies, step.priorityClass, 0, now))
          else {
            const open = known.filter((body) => body.refusedBecause === undefined && !isOver.has(body))
            const body = open[step.body % open.length]
            if (body === undefined) continue
            if (step.kind === 'grow') bodies.grow(body, step.bytes, now)
            else isOver.add(body)
            if (step.kind === 'abandon') bodies.abandon(body)
            if (step.kind === 'complete') {
              bodies.complete(body)
              complete += body.bytes
            }
          }
          if (bodies.heldBytes > BUDGET) return false
        }
        for (const body of known) bodies.abandon(body)
        bodies.release(complete)
        return bodies.heldBytes === 0
      }),
      { numRuns: 500 }
    )
  )
})
