import { Redis } from 'ioredis'
import { pino } from 'pino'
import t from 'tap'
import { serializeError } from '../../../services/logging/error-serializer.ts'
import { startRedis } from '../../../rig/redis.ts'

t.test('tells of a command of Redis that failed its name, and nothing of what it carried', async (t) => {
  const lines: string[] = []
  const log = pino({ serializers: { err: serializeError } }, { write: (line: string) => { lines.push(line) } })
  const { path } = await startRedis(t)
  const redis = new Redis({ path, lazyConnect: true, retryStrategy: () => null })
  t.teardown(async () => redis.disconnect())
  const failures = [
    await redis.call('AUTH', 'somebody', 'a-password').catch((error: unknown) => error),
    await redis.multi().call('SET', 'a', 'a-payload', 'WRONG').exec().catch((error: unknown) => error),
    new Error('rules file: inner', { cause: new Error('inner') }),
    Object.assign(new Error('outer', { cause: Object.assign(new Error('inner'), { code: 'EINNER' }) }), {
      code: 'EOUTER'
    })
  ]
  for (const err of failures) log.error({ err }, 'failed')
  const text = lines.join('')
  t.notMatch(text, /a-password|a-payload/)
  t.match(JSON.parse(lines[0] ?? '').err, { message: /WRONGPASS|invalid/i, stack: String, command: 'AUTH' })
  t.equal(
    JSON.parse(lines[2] ?? '').err.message,
    'rules file: inner',
    'a message that has that of its cause has it once'
  )
  t.match(JSON.parse(lines[3] ?? '').err, { message: 'outer: inner', code: 'EOUTER' })
})
