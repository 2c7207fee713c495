import fc from 'fast-check'
import t from 'tap'
import { ASCENDING_THRESHOLDS, outOfOrder, type Thresholds } from '../../../services/admission/thresholds.ts'
import { ThresholdGlide } from '../../../services/control/threshold-glide.ts'

const OPERATOR: Thresholds = { recovery: 5_000, warning: 10_000, critical: 50_000, hardLimit: 1_000_000 }
const ADAPTIVE: Thresholds = { recovery: 300, hold: 400, warning: 500, critical: 1_000, hardLimit: 1_000_000 }

/** The thresholds of each second after the target changed from one to the other. */
function glide (from: Thresholds, to: Thresholds, seconds: number): Thresholds[] {
  const gliding = new ThresholdGlide()
  gliding.next(from, from.hold === undefined, 0)
  return Array.from({ length: seconds }, () => gliding.next(to, to.hold === undefined, 1_000))
}

t.test('thresholds are the target while it has one origin, whatever it does', async (t) => {
  const gliding = new ThresholdGlide()
  const other = { ...OPERATOR, critical: 20_000 }
  t.equal(gliding.next(OPERATOR, true, 0), OPERATOR)
  t.equal(gliding.next(other, true, 100), other)
})

t.test('they go to adaptive ones and back by a fifth in a second at most, and arrive', async (t) => {
  for (const [from, to] of [[OPERATOR, ADAPTIVE], [ADAPTIVE, OPERATOR]] as const) {
    const way = glide(from, to, 40)
    t.strictSame(way.at(-1), to)
    for (const [index, now] of way.slice(0, -1).entries()) {
      const before = way[index - 1] ?? from
      for (const name of ['recovery', 'warning', 'critical'] as const) {
        const factor = now[name] / before[name]
        if (factor > 1.205 || factor < 1 / 1.205) t.fail(`${name} from ${before[name]} to ${now[name]}`)
      }
    }
  }
  t.strictSame(glide(OPERATOR, ADAPTIVE, 1)[0], {
    recovery: 4_167, hold: 41_667, warning: 8_333, critical: 41_667, hardLimit: 1_000_000
  })
})

t.test('a copy goes on from the same place, and apart from then on', async (t) => {
  const first = new ThresholdGlide()
  first.next(OPERATOR, true, 0)
  first.next(ADAPTIVE, false, 1_000)
  const copy = new ThresholdGlide(first)
  const ahead = copy.next(ADAPTIVE, false, 1_000)
  copy.next(ADAPTIVE, false, 1_000)
  t.strictSame(first.next(ADAPTIVE, false, 1_000), ahead)
})

t.test('they stay in order, below any hard limit', async (t) => {
  const thresholds = (hasHold: boolean) => fc.uniqueArray(fc.integer({ min: 1, max: 1_000_000 }), {
    minLength: 5, maxLength: 5
  }).map((values): Thresholds => {
    const [recovery, hold, warning, critical, hardLimit] = values.toSorted((a, b) => a - b) as [
      number, number, number, number, number
    ]
    return { recovery, warning, critical, hardLimit, ...(hasHold && { hold }) }
  })
  t.doesNotThrow(() => fc.assert(fc.property(
    thresholds(false), thresholds(true), fc.array(fc.tuple(fc.boolean(), fc.integer({ min: 0, max: 2_000 }))),
    (operator, adaptive, steps) => {
      const gliding = new ThresholdGlide()
      return steps.every(([isAdaptive, elapsedMs]) => {
        const target = isAdaptive ? adaptive : operator
        const inForce = gliding.next(target, !isAdaptive, elapsedMs)
        const values = ASCENDING_THRESHOLDS.map((name) => inForce[name])
        return inForce.hardLimit === target.hardLimit && outOfOrder(values).length === 0 &&
          (inForce.hold === undefined || inForce.hold <= inForce.critical)
      })
    }
  )))
})
