import { setTimeout as wait } from 'node:timers/promises'
import { LEVELS } from '../event/level.ts'
import type { Scene } from '../fault.ts'
import { integer, shuffled, type Random } from '../../rig/random.ts'

/** Up to so long after the cut the disk of Redis still takes bytes, of which an arbitrary part is left. */
const LONGEST_TAIL_MS = 80

/** Ends everything, and puts the data back to a moment while it ran: what was not on a disk then is gone. */
export async function cutPower (
  { apis, workers, redis, spools, account }: Pick<Scene, 'apis' | 'workers' | 'redis' | 'spools' | 'account'>,
  random: Random
): Promise<void> {
  // Everything promised before this moment has to survive. The spool is copied first: an event that leaves it
  // meanwhile is in the file of Redis, too, and the queue recognizes it.
  const fromMs = account.now()
  const clone = spools.clone()
  const { path, bytes } = redis.file
  await wait(integer(random, 0, LONGEST_TAIL_MS))
  const last = redis.file.path === path ? redis.file.bytes : undefined
  await Promise.all([redis, ...apis, ...workers].map((program) => program.kill()))
  // Redis only appends, so a copy of that moment is the beginning of the present file.
  if (last !== undefined && redis.file.path === path) redis.file.truncate(integer(random, bytes, last))
  spools.restore(clone)
  account.rollBack({ fromMs, toMs: account.now(), levels: LEVELS })
}

/** Starts everything in any order, and has Redis write its file anew, as the runbook says. */
export async function restorePower (
  { apis, workers, redis }: Pick<Scene, 'apis' | 'workers' | 'redis'>, random: Random
): Promise<void> {
  for (const program of shuffled(random, [redis, ...apis, ...workers])) program.start()
  await redis.rewriteFile()
}
