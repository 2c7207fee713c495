import fc from 'fast-check'
import t from 'tap'
import { AdmissionShare, shareOf } from '../../../services/admission/admission-share.ts'
import { AdmissionController } from '../../../services/admission/controller.ts'
import { decide, loadPolicies, sampleOf, THRESHOLDS } from './load.ts'

t.test('a replica has an equal part of a quarter, and the rest by its use', async (t) => {
  const table: [own: number, others: number[], share: number][] = [
    [0, [], 1],
    [500, [], 1],
    [0, [0, 0, 0], 1 / 4],
    [100, [100, 100, 100], 1 / 4],
    [100, [0, 0, 0], 13 / 16],
    [0, [100, 0, 0], 1 / 16],
    [300, [100], 11 / 16]
  ]
  for (const [own, others, share] of table) t.equal(shareOf(own, others), share, `${own} beside ${others}`)
})

t.test('shares by the same reports add up to 1, and a replica that uses more never has less', async (t) => {
  const uses = fc.array(fc.nat({ max: 100_000 }), { minLength: 1, maxLength: 20 })
  t.doesNotThrow(() => fc.assert(fc.property(uses, fc.nat({ max: 1_000 }), (uses, more) => {
    const others = (index: number) => uses.filter((_, other) => other !== index)
    const sum = uses.reduce((sum, use, index) => sum + shareOf(use, others(index)), 0)
    const [first = 0] = uses
    return Math.abs(sum - 1) < 1e-9 && shareOf(first + more, others(0)) >= shareOf(first, others(0)) &&
      uses.every((use, index) => shareOf(use, others(index)) > 0)
  })))
})

t.test('a replica divides by what it has reported, and forgets what it admitted long ago', async (t) => {
  const clock = { now: 0 }
  const share = new AdmissionShare(() => clock.now)
  t.equal(share.value, 1)
  share.recordAdmitted(500)
  share.observe([{}])
  t.equal(share.value, 1 / 2, 'before a report nobody knows of its use')
  clock.now = 1_000
  t.strictSame(share.report(), { perSecond: 500 })
  share.observe([{ perSecond: 500 }])
  t.equal(share.value, 1 / 2)
  clock.now = 1_400
  t.strictSame(share.report(), { perSecond: 500 }, 'a report that follows at once is the same')
  clock.now = 11_000
  t.strictSame(share.report(), { perSecond: 0 })
  for (const perSecond of [NaN, -1, Infinity, 'much' as never]) {
    share.observe([{ perSecond }])
    t.equal(share.value, 1 / 2, `${perSecond}`)
  }
  share.observe([])
  t.equal(share.value, 1)
})

t.test('replicas that read at the same time admit no more than there is room, and with even use nearly all of it',
  async (t) => {
    const policies = await loadPolicies()
    const scene = fc.record({
      depth: fc.nat({ max: THRESHOLDS.critical }),
      uses: fc.array(fc.nat({ max: 10_000 }), { minLength: 1, maxLength: 8 }),
      priority: fc.constantFrom(5, 9)
    })
    t.doesNotThrow(() => fc.assert(fc.property(scene, ({ depth, uses, priority }) => {
      const limit = { 5: THRESHOLDS.critical, 9: THRESHOLDS.critical * 0.8 }[priority]!
      let admitted = 0
      uses.forEach((use, index) => {
        const share = { value: shareOf(use, uses.filter((_, other) => other !== index)) }
        const controller = new AdmissionController({ thresholds: THRESHOLDS, policies, share, now: 0 })
        controller.update(sampleOf({ 5: depth }), 1)
        while (decide(controller, priority) === undefined) {
          controller.recordAdmitted(1)
          admitted++
        }
      })
      // The last event of each replica may pass its part by less than one event.
      return depth + admitted < Math.max(limit, depth) + uses.length
    }), { numRuns: 200 }))
    const even = Array.from({ length: 4 }, () => {
      const controller = new AdmissionController({ thresholds: THRESHOLDS, policies, share: { value: 1 / 4 }, now: 0 })
      controller.update(sampleOf({ 5: 100 }), 1)
      let admitted = 0
      for (; decide(controller, 5) === undefined; admitted++) controller.recordAdmitted(1)
      return admitted
    })
    t.strictSame(even, [100, 100, 100, 100])
  })

t.test('events that others may have admitted never make the queue count as full', async (t) => {
  const share = { value: 1 / 4 }
  const policies = await loadPolicies()
  const controller = new AdmissionController({ thresholds: THRESHOLDS, policies, share, now: 0 })
  controller.update(sampleOf({ 5: 100 }), 1)
  controller.recordAdmitted(899)
  t.strictSame([decide(controller, 1), decide(controller, 5)?.reason], [undefined, 'circuit-open'])
  controller.recordAdmitted(1)
  t.strictSame([1, 5].map((priority) => decide(controller, priority)?.reason), ['queue-full', 'queue-full'])
})

t.test('an array at one of a thousand replicas stands for no flood, unless the others admit one', async (t) => {
  const policies = await loadPolicies()
  const start = (othersPerSecond: number, depth = 10) => {
    const share = { value: 1 / 1_000, othersPerSecond }
    const controller = new AdmissionController({ thresholds: THRESHOLDS, policies, share, now: 0 })
    controller.update(sampleOf({ 5: depth }), 100)
    return controller
  }
  const calm = start(500)
  calm.recordAdmitted(20)
  t.strictSame([5, 9].map((priority) => decide(calm, priority)), [undefined, undefined], 'an event stands for 16')
  calm.recordAdmitted(15)
  t.equal(decide(calm, 5)?.reason, 'circuit-open', 'and no less')
  const flooded = start(10_000)
  flooded.recordAdmitted(1)
  t.equal(decide(flooded, 5)?.reason, 'circuit-open', 'others that admit more than there is room for count')
  const full = start(20, 460)
  for (let event = 0; event < 2; event++) {
    t.equal(decide(full, 5), undefined)
    full.recordAdmitted(1)
  }
  t.equal(full.update(sampleOf({ 5: 462 }), 200), undefined, 'and two events do not open the circuit')
})

t.test('a replica knows how much the others admit', async (t) => {
  const share = new AdmissionShare(() => 0)
  t.equal(share.othersPerSecond, 0)
  share.observe([{ perSecond: 300 }, {}, { perSecond: 700 }, { perSecond: NaN }])
  t.equal(share.othersPerSecond, 1_000)
})
