import t from 'tap'
import { connectForCommands, connectForSync, connectForWorker } from '../../../services/redis/connection.ts'

t.test('asks a Redis that loads its data again soon, whatever it guesses', async (t) => {
  for (const connect of [connectForCommands, connectForSync, connectForWorker]) {
    const connection = connect('/nowhere/redis.sock')
    connection.on('error', () => {})
    t.teardown(async () => connection.disconnect())
    t.ok((connection.options.maxLoadingRetryTime ?? Infinity) <= 1_000, connect.name)
  }
})

t.test('comes back at once from a connection that broke, and then at a pace', async (t) => {
  const connection = connectForCommands('/nowhere/redis.sock')
  connection.on('error', () => {})
  t.teardown(async () => connection.disconnect())
  const delays = [1, 2, 3, 100].map((attempt) => connection.options.retryStrategy?.(attempt))
  t.ok(Number(delays[0]) < 10)
  t.strictSame(delays.slice(1), [200, 200, 200])
})
