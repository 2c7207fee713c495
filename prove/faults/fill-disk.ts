import type { Fault } from '../fault.ts'
import { integer } from '../../rig/random.ts'

/** So little room that the disk is full at once, or in the middle of a write. */
const MOST_ROOM_BYTES = 200_000

export default {
  description: 'the disk of a spool is full while Redis is killed: there is no place left for an event of that API',
  targets: ['disk', 'redis', 'way'], risk: 'strikes', lastsMs: [500, 2_500],
  obstacle: ({ disk }) => disk.obstacle,
  inject: async ({ disk, redis }, random) => {
    await redis.kill()
    await disk.fill(integer(random, 0, MOST_ROOM_BYTES))
  },
  end: async ({ disk, redis }) => {
    await disk.free()
    redis.start()
  }
} satisfies Fault
