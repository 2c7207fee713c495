/*
 * Measures on a real service the waits of light organizations, alone and beside a flood of fifty times a share, in each
 * order: also the gain of the flood by 200 types or 200 keys, the time until all is done, and the waits beside a type
 * that takes a hundred times as long. Starts a service with API, worker and Redis, and a consumer, on loopback; takes
 * about three minutes. npm run bench:fair-order
 */
import { readOptions } from '../rig/options.ts'
import { run, waitMs, type Course, type Load, type Post } from './fair-order/course.ts'
import { store } from './fair-order/storing.ts'
import { print } from './service.ts'

const SLOTS = 4
const COST_MS = 4
const CAPACITY_PER_SECOND = SLOTS * 1_000 / COST_MS
const LIGHT = 20
const LIGHT_PER_SECOND = 10
/** Fifty times the share of one of all organizations. */
const FLOOD_PER_SECOND = 50 * CAPACITY_PER_SECOND / (LIGHT + 1)
const ARRAY = 100
const PARTS = 200
const PARTS_OF_BENCH = ['storing', 'flood', 'poison']
const POISON_FACTOR = 100
/** Slots and milliseconds for the same capacity, with calls that are long beside what a call costs. */
const POISON_SLOTS = 20
const POISON_COST_MS = 20

const { floodSeconds, names } = readOptions({
  seconds: { type: 'string', default: '5' },
  only: { type: 'string', default: PARTS_OF_BENCH.join(',') }
}, (reader) => ({
  floodSeconds: reader.number('seconds', reader.values.seconds, { low: 1, high: 600 }),
  names: reader.names('only', 'part', reader.values.only, PARTS_OF_BENCH)
}))
/** The backlog of the flood lasts for about as long. */
const seconds = Math.ceil(floodSeconds * (FLOOD_PER_SECOND + LIGHT * LIGHT_PER_SECOND) / CAPACITY_PER_SECOND)

if (names.includes('storing')) {
  for (const organizations of [1, 20, 500]) {
    for (const order of ['off', 'organizations'] as const) {
      const { eventsPerBatch, processMicros, redisMicros } = await store(organizations, order)
      print(`FAIR_ORDER=${order}, ${organizations} organizations with a backlog`, [
        `${eventsPerBatch.toFixed(0)} events in a batch`,
        `CPU for an event ${processMicros.toFixed(2)} µs`,
        `of Redis ${redisMicros.toFixed(2)} µs`
      ].join(', '))
    }
  }
}

if (names.includes('flood')) {
  const alone = await run(loadOf('none'), 'off')
  for (const [order, split] of [
    ['off', 'plain'], ['organizations', 'none'], ['organizations', 'plain'], ['organizations', 'keys'],
    ['types', 'plain'], ['types', 'types']
  ] as const) {
    const course = await run(loadOf(split), order)
    const ratio = waitMs(course, 'light') / waitMs(alone, 'light')
    print(`FAIR_ORDER=${order}, flood: ${split}`, [
      `light p50 ${waitMs(course, 'light', 0.5).toFixed(0)} ms`,
      `p99 ${waitMs(course, 'light').toFixed(0)} ms (${ratio.toFixed(2)} x alone)`,
      `flood begun in the first half ${begun(course, 'flood', seconds / 2)}`,
      `all done after ${(course.makespanMs / 1_000).toFixed(1)} s`
    ].join(', '))
  }
}

if (names.includes('poison')) {
  for (const order of ['off', 'types']) {
    const [without, beside] = [await run(poisonOf(false), order), await run(poisonOf(true), order)]
    const ratio = waitMs(beside, 'other') / waitMs(without, 'other')
    print(`FAIR_ORDER=${order}, other types beside a poison type`, [
      `p99 ${waitMs(without, 'other').toFixed(0)} ms without it`,
      `${waitMs(beside, 'other').toFixed(0)} ms with it (${ratio.toFixed(2)} x)`,
      `poison p50 ${waitMs(beside, 'poison', 0.5).toFixed(0)} ms`
    ].join(', '))
  }
}

/** Light organizations all the time, and a flood at the beginning. */
function loadOf (split: 'none' | 'plain' | 'keys' | 'types'): Load {
  const light = Array.from({ length: LIGHT }, (_, key) => Array.from(
    { length: seconds * LIGHT_PER_SECOND },
    (_event, index): Post => {
      const atMs = (index + key / LIGHT) * 1_000 / LIGHT_PER_SECOND
      return { atMs, key, type: 'light', events: 1, costMs: COST_MS, kind: 'light' }
    }
  )).flat()
  const intervalMs = ARRAY * 1_000 / FLOOD_PER_SECOND
  const arrays = split === 'none' ? 0 : Math.ceil(floodSeconds * 1_000 / intervalMs)
  const flood = Array.from({ length: arrays }, (_, index) => {
    const parts = split === 'plain' ? 1 : PARTS
    // An array of one type each would change the batches, so a split flood posts as many smaller arrays.
    return Array.from({ length: split === 'plain' ? 1 : 10 }, (_part, part): Post => ({
      atMs: index * intervalMs,
      key: LIGHT + (split === 'keys' ? (index * 10 + part) % parts : 0),
      type: split === 'types' ? `flood-${(index * 10 + part) % parts}` : 'flood',
      events: split === 'plain' ? ARRAY : ARRAY / 10,
      costMs: COST_MS,
      kind: 'flood'
    }))
  }).flat()
  const keys = split === 'keys' ? PARTS : 1
  return {
    slots: SLOTS,
    organizations: [
      ...Array.from({ length: LIGHT }, (_, index) => `light-${index}`), ...Array.from({ length: keys }, () => 'flood')
    ],
    posts: [...light, ...flood]
  }
}

/** One organization with many types at 0.45 of the capacity, and one that is a hundredth of the events beside them. */
function poisonOf (hasPoison: boolean): Load {
  const perSecond = 0.45 * CAPACITY_PER_SECOND
  const posts = Array.from({ length: Math.floor(20 * perSecond) }, (_, index): Post => ({
    atMs: index * 1_000 / perSecond, key: 0, type: `type-${index % 20}`, events: 1, costMs: POISON_COST_MS, kind: 'other'
  }))
  const poison = posts.filter((_, index) => hasPoison && index % 100 === 0)
    .map((post): Post => ({ ...post, type: 'poison', costMs: POISON_FACTOR * POISON_COST_MS, kind: 'poison' }))
  return { slots: POISON_SLOTS, organizations: ['acme'], posts: [...posts, ...poison] }
}

function begun ({ startsMs }: Course, kind: string, beforeSeconds: number): number {
  return startsMs.get(kind)?.filter((ms) => ms < beforeSeconds * 1_000).length ?? 0
}
