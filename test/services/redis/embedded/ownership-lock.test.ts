import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { OwnershipLock } from '../../../../services/redis/embedded/ownership-lock.ts'

t.test('has one holder at a time', async (t) => {
  const path = join(t.testdir(), 'lock')
  const first = new OwnershipLock(path)
  const second = new OwnershipLock(path)
  t.equal(first.tryAcquire(), true)
  t.equal(first.tryAcquire(), true)
  t.equal(second.tryAcquire(), false)
  t.equal(second.isHeld, false)
  first.release()
  first.release()
  t.equal(second.tryAcquire(), true)
  t.equal(first.tryAcquire(), false)
  second.release()
})

t.test('is free when the process that held it was killed', async (t) => {
  const path = join(t.testdir(), 'lock')
  const module = join(import.meta.dirname, '../../../../services/redis/embedded/ownership-lock.ts')
  const script = `
    import { OwnershipLock } from ${JSON.stringify(module)}
    const lock = new OwnershipLock(${JSON.stringify(path)})
    console.log(lock.tryAcquire())
    setInterval(() => lock.isHeld, 60_000)`
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: ['ignore', 'pipe', 'inherit'] })
  t.teardown(() => { child.kill('SIGKILL') })
  const [answer] = await once(child.stdout, 'data')
  t.equal(String(answer), 'true\n')
  const lock = new OwnershipLock(path)
  t.equal(lock.tryAcquire(), false)
  const exited = once(child, 'exit')
  child.kill('SIGKILL')
  await exited
  t.equal(lock.tryAcquire(), true)
  lock.release()
})

t.test('a lock that is held has no other file, so its holder may be killed and the disk may be full', async (t) => {
  const folder = t.testdir()
  const lock = new OwnershipLock(join(folder, 'lock'))
  t.equal(lock.tryAcquire(), true)
  t.strictSame(readdirSync(folder), ['lock'])
  lock.release()
})

t.test('a folder that is not there is an error and not a lock that is taken', async (t) => {
  const lock = new OwnershipLock(join(t.testdir(), 'missing', 'lock'))
  t.throws(() => lock.tryAcquire(), { code: 'ERR_SQLITE_ERROR' })
})
