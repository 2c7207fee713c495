import t from 'tap'
import { byRedisTime } from '../../../../services/queue/bullmq/redis-clock.ts'

t.test('a script that takes its time in another way is refused', async (t) => {
  t.throws(() => byRedisTime('addDelayedJob:7.0.0', 'return 1'), {
    message: /adapt services\/queue\/bullmq\/redis-clock\.ts/
  })
  t.equal(byRedisTime('spillway:sample', 'return 1'), 'return 1')
})
