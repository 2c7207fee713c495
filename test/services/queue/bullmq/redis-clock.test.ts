import t from 'tap'
import { byRedisTime } from '../../../../services/queue/bullmq/redis-clock.ts'
import { startQueue } from '../setup.ts'

interface Scripts { readonly scriptsSet: Readonly<Record<string, { readonly lua: string }>> }

/** Scripts of BullMQ that are given a time, with the sentence about its place at their heads. */
const STAMPED = {
  moveToActive: 'ARGV[2] timestamp', moveToFinished: 'ARGV[2]  timestamp', moveToDelayed: 'ARGV[2] timestamp',
  retryJob: 'ARGV[2]  timestamp', moveStalledJobsToWait: 'ARGV[3]  timestamp'
}

t.test('every script of BullMQ that writes a time of jobs is known, and goes by the clock of Redis', async (t) => {
  const { connection, bullmq } = await startQueue(t)
  await bullmq.waitUntilReady()
  const { scriptsSet } = connection as unknown as Scripts
  const luaOf = (name: string) =>
    Object.entries(scriptsSet).find(([command]) => command.startsWith(`${name}:`))?.[1].lua ?? ''
  for (const [name, place] of Object.entries(STAMPED)) {
    t.ok(luaOf(name).includes(place), `${name} still has its time there`)
    t.match(luaOf(name), /^local function spillwayRedisMs/, name)
  }
  for (const name of ['addDelayedJob', 'addPrioritizedJob', 'addStandardJob']) {
    t.match(luaOf(name), 'local timestamp = spillwayRedisMs()', name)
  }
  t.notMatch(luaOf('getCounts'), 'spillwayRedisMs', 'what takes no time is left as it is')
})

t.test('a script that takes its time in another way is refused', async (t) => {
  t.throws(() => byRedisTime('addDelayedJob:7.0.0', 'return 1'), { message: /adapt services\/queue\/bullmq\/redis-clock\.ts/ })
  t.equal(byRedisTime('spillway:sample', 'return 1'), 'return 1')
})
