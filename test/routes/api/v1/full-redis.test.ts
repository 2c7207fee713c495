import t from 'tap'
import { newConnection } from '../../../../services/redis/connection.ts'
import { post, startApp } from '../../../app.ts'

t.test('a Redis that is out of memory is no fault of whoever asks for an event or for dead letters', async (t) => {
  const { app, redis } = await startApp(t)
  const { id } = (await post(app, { type: 'x', payload: 1 })).json<{ id: string }>()
  const connection = newConnection(redis.url, {})
  t.teardown(() => connection.disconnect())
  await connection.config('SET', 'maxmemory', '1')
  // Redis discards a transaction then, even one that only reads.
  const unknown = '5-1-01a22660-f808-7083-b380-7caf841d1505.0-ZSFbqkbq'
  for (
    const path of [
      `events/${id}`,
      `events/${unknown}`,
      'dead-letters',
      'dead-letters/d-0123456789abcdef0123456789abcdef'
    ]
  ) {
    t.ok([200, 404, 503].includes((await app.inject(`/api/v1/${path}`)).statusCode), path)
  }
})
