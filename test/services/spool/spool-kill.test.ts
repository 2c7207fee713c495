import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import t from 'tap'
import { filesIn, startSpool } from './setup.ts'

t.test('a process that is killed while it writes and drains loses nothing that it confirmed', async (t) => {
  const { dir } = await startSpool(t)
  const confirmed = new Set<string>()
  const queued = new Set<string>()
  for (const kill of [1, 20, 90]) {
    const child = spawn(process.execPath, [new URL('spool-process.ts', import.meta.url).pathname, dir], { stdio: ['ignore', 'pipe', 'inherit'] })
    const exited = once(child, 'exit')
    let lines = 0
    for await (const line of createInterface({ input: child.stdout })) {
      const [what, id] = line.split(' ') as [string, string]
      if (what === 'confirmed') confirmed.add(id)
      else queued.add(id)
      if (++lines === kill) child.kill('SIGKILL')
    }
    await exited
    const { spool, lines: complaints } = await startSpool(t, { dir })
    t.strictSame(complaints, [], 'nothing is damaged')
    t.strictSame(filesIn(dir).filter((name) => name.endsWith('.writing')), [])
    t.strictSame([...confirmed].filter((id) => !queued.has(id) && !spool.has(id)), [])
    for (const entry of spool.entries()) t.ok(await spool.read(entry))
  }
  t.ok(queued.size > 0 && confirmed.size > queued.size)
})
