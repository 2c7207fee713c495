import type { Fault } from '../fault.ts'
import { integer } from '../../rig/random.ts'

/** So little memory that it runs out at once, or after some batches in the middle of a write. */
const MOST_ROOM_BYTES = 300_000

export default {
  description: 'Redis runs out of memory: it refuses every write that needs some',
  targets: ['redis', 'way'],
  risk: 'throughout',
  lastsMs: [1_000, 3_500],
  inject: async ({ redis }, random) => {
    await redis.command(`CONFIG SET maxmemory ${await redis.usedMemory() + integer(random, 0, MOST_ROOM_BYTES)}`)
  },
  end: async ({ redis }) => {
    await redis.command('CONFIG SET maxmemory 0')
  }
} satisfies Fault
