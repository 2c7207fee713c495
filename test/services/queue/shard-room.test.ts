import fc from 'fast-check'
import t from 'tap'
import { BOUND_TOLERANCE, mostDepthOfShard } from '../../../services/queue/shard-room.ts'

t.test('one shard has the whole room, and no bound stays none', async (t) => {
  t.equal(mostDepthOfShard({ mostDepth: 100, hardLimit: 100, shards: 1, depthOfOthers: 0 }), 100)
  t.equal(mostDepthOfShard({ mostDepth: Infinity, hardLimit: 100, shards: 4, depthOfOthers: 90 }), Infinity)
})

t.test('bounds of four shards', async (t) => {
  const of = (mostDepth: number, depthOfOthers: number) =>
    mostDepthOfShard({ mostDepth, hardLimit: 100_000, shards: 4, depthOfOthers })
  t.equal(of(100_000, 0), 25_000, 'the hard limit in equal parts')
  t.equal(of(100_000, 90_000), 10_000, 'less while others have more than their parts')
  t.equal(of(50_000, 0), 12_750, 'a lower bound with 2 % more')
  t.equal(of(50_000, 40_000), 10_000)
  t.equal(of(50_000, 60_000), 0)
})

/** Adds events to shards in any order, each batch only where its shard finds room, as the script does. */
const histories = fc.record({
  limit: fc.integer({ min: 1, max: 1_000 }),
  shards: fc.integer({ min: 1, max: 8 }),
  batches: fc.array(
    fc.record({ shard: fc.nat(7), events: fc.integer({ min: 1, max: 50 }), lag: fc.nat(5) }), { maxLength: 200 }
  )
})

t.test('all shards together never hold more than the hard limit, whatever readings say', async () => {
  fc.assert(fc.property(histories, ({ limit, shards, batches }) => {
    const depths = Array.from({ length: shards }, () => 0)
    const readings = [[...depths]]
    for (const { shard: any, events, lag } of batches) {
      const shard = any % shards
      const read = readings.at(-1 - Math.min(lag, readings.length - 1)) as number[]
      const depthOfOthers = read.reduce((sum, depth, index) => index === shard ? sum : sum + depth, 0)
      const most = mostDepthOfShard({ mostDepth: limit, hardLimit: limit, shards, depthOfOthers })
      if (depths[shard]! + events <= most) depths[shard]! += events
      readings.push([...depths])
    }
    return depths.reduce((sum, depth) => sum + depth) <= limit
  }))
})

t.test('a lower bound is exceeded by its tolerance at most', async () => {
  fc.assert(fc.property(histories, ({ limit, shards, batches }) => {
    const depths = Array.from({ length: shards }, () => 0)
    for (const { shard: any, events } of batches) {
      const shard = any % shards
      // No process has read anything yet.
      const most = mostDepthOfShard({ mostDepth: limit, hardLimit: 2 * limit, shards, depthOfOthers: 0 })
      if (depths[shard]! + events <= most) depths[shard]! += events
    }
    return depths.reduce((sum, depth) => sum + depth) <= (shards === 1 ? limit : limit * (1 + BOUND_TOLERANCE) + shards)
  }))
})
