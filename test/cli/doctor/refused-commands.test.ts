import { Redis } from 'ioredis'
import t from 'tap'
import { refusedCommands } from '../../../cli/doctor/gather/refused-commands.ts'
import { QueueKeys } from '../../../services/queue/keys.ts'
import { NEEDED_COMMANDS, OPTIONAL_COMMANDS } from '../../../services/redis/needed-commands.ts'
import { freePort } from '../../../rig/free-port.ts'
import { startRedis } from '../../../rig/redis.ts'
import { documentedRules } from '../../docs/acl-rules.ts'

const PASSWORD = 'a-password-of-the-test'
const PROBE = new QueueKeys('spillway').probe

t.test('finds each needed command that a user may not run, and runs none of them', async (t) => {
  const port = await freePort()
  const redis = await startRedis(t, { extraArgs: ['--port', String(port)] })
  const admin = new Redis(redis.path)
  t.teardown(() => admin.disconnect())
  const user = new Redis({ port, username: 'minimal', password: PASSWORD, lazyConnect: true, enableReadyCheck: false })
  t.teardown(() => user.disconnect())
  const refusedWith = async (...rules: string[]) => {
    await admin.call('ACL', 'SETUSER', 'minimal', ...documentedRules(PASSWORD, 'spillway-minimal'), ...rules)
    return (await refusedCommands(user, PROBE)).map(({ command }) => command)
  }
  t.strictSame(await refusedWith(), [], 'the documented rights suffice')
  // Redis lets everybody say HELLO.
  for (const command of NEEDED_COMMANDS.filter((name) => !['hello', 'multi'].includes(name))) {
    t.strictSame(await refusedWith(`-${command}`), [command], command)
  }
  t.strictSame(await refusedWith('-multi', '-zadd'), ['multi'], 'without a transaction no other is tried')
  t.ok((await refusedWith('resetkeys', '~{other:*')).length > 50, 'its keys are those of another name')
  t.equal(await admin.dbsize(), 0)
})

t.test('what is lost without a command is said of commands that are needed', async (t) => {
  for (const [name, loss] of Object.entries(OPTIONAL_COMMANDS)) {
    t.ok(NEEDED_COMMANDS.includes(name) || name === 'waitaof', name)
    t.match(loss, /\w/)
  }
})
