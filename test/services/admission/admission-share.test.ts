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
