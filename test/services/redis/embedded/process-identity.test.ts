import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { setImmediate } from 'node:timers/promises'
import t from 'tap'
import { identifyProcess } from '../../../../services/redis/embedded/process-identity.ts'

t.test('tells two processes apart and is the same every time', async (t) => {
  const own = identifyProcess(process.pid)
  t.type(own, 'string')
  t.equal(identifyProcess(process.pid), own)
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 60_000)'])
  t.not(identifyProcess(child.pid!), own)
  const exited = once(child, 'exit')
  child.kill('SIGKILL')
  await exited
  t.equal(identifyProcess(child.pid!), undefined)
})

t.test('a zombie is not running', { skip: process.platform !== 'linux' && 'needs /proc' }, async (t) => {
  // The shell starts a process and then turns into one that never collects it.
  const parent = spawn('/bin/sh', ['-c', 'sleep 60 & echo $!; exec tail -f /dev/null'], { stdio: ['ignore', 'pipe', 'inherit'] })
  t.teardown(() => { parent.kill('SIGKILL') })
  const pid = Number(String((await once(parent.stdout, 'data'))[0]))
  await until(() => readFileSync(`/proc/${parent.pid}/cmdline`, 'utf8').startsWith('tail'))
  process.kill(pid, 'SIGKILL')
  await until(() => identifyProcess(pid) === undefined)
  t.equal(identifyProcess(pid), undefined)
  t.doesNotThrow(() => process.kill(pid, 0), 'although its pid is still taken')
})

async function until (holds: () => boolean): Promise<void> {
  for (const deadline = performance.now() + 60_000; !holds() && performance.now() < deadline;) await setImmediate()
}
