import t from 'tap'
import { AtomicScripts } from '../../../services/queue/atomic-scripts.ts'
import { startQueue } from './setup.ts'

async function startScripts (t: Parameters<typeof startQueue>[0]) {
  const { connection } = await startQueue(t)
  connection.defineCommand('push', {
    numberOfKeys: 1,
    lua: "for i = 1, #ARGV do redis.call('RPUSH', KEYS[1], ARGV[i]) end\nreturn #ARGV"
  })
  connection.defineCommand('copy', {
    numberOfKeys: 2,
    lua:
      "local all = redis.call('LRANGE', KEYS[1], 0, -1)\nif ARGV[1] == 'not' then return end\nfor _, item in ipairs(all) do redis.call('RPUSH', KEYS[2], item) end\nreturn all -- the end"
  })
  connection.defineCommand('fail', { numberOfKeys: 0, lua: "return redis.error_reply('BROKEN ' .. ARGV[1])" })
  return { connection, scripts: new AtomicScripts(connection) }
}

t.test('runs scripts one after the other, each with its own keys and arguments', async (t) => {
  const { connection, scripts } = await startScripts(t)
  const push = { name: 'push', args: ['list', 'a', Buffer.from([0xff]), 3] }
  t.strictSame((await scripts.run([push, { name: 'copy', args: ['list', 'other'] }]))[0], 3)
  t.strictSame(await connection.lrangeBuffer('other', 0, -1), [Buffer.from('a'), Buffer.from([0xff]), Buffer.from('3')])
  t.strictSame(
    await scripts.run([{ name: 'copy', args: ['none', 'other', 'not'] }, { name: 'push', args: ['list'] }, {
      name: 'push',
      args: ['more', 'x']
    }]),
    [null, 0, 1]
  )
})

t.test('takes more arguments than Lua puts on its stack', async (t) => {
  const { connection, scripts } = await startScripts(t)
  t.strictSame(await scripts.run([{ name: 'push', args: ['list', ...Array.from({ length: 30_000 }, () => 'x')] }]), [
    30_000
  ])
  t.equal(await connection.llen('list'), 30_000)
})

t.test('works when Redis has forgotten its scripts', async (t) => {
  const { connection, scripts } = await startScripts(t)
  const steps = [{ name: 'push', args: ['list', 'a'] }, { name: 'push', args: ['list', 'b'] }]
  await scripts.run(steps)
  await connection.script('FLUSH')
  t.strictSame(await scripts.run(steps), [1, 1])
  t.equal(await connection.llen('list'), 4)
})

t.test('a step that the connection does not know is an error that names it', async (t) => {
  const { scripts } = await startScripts(t)
  t.throws(() => scripts.run([{ name: 'nothing', args: [] }]), { message: 'the connection has no script nothing' })
})
