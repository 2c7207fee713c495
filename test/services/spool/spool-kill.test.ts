import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import t from 'tap'
import { filesIn, startSpool } from './setup.ts'

t.test('a process that is killed while it writes and drains loses nothing that it confirmed', async (t) => {
  const { dir } = await startSpool(t)
  const confirmed = new Set<string>()
  const queued = new Set<string>()
  for (const [killedAt, count] of [['confirmed', 1], ['confirmed', 20], ['queued', 15]] as const) {
    const child = spawn(process.execPath, [new URL('spool-process.ts', import.meta.url).pathname, dir], {
      stdio: ['ignore', 'pipe', 'inherit']
    })
    const exited = once(child, 'exit')
    const said = { confirmed: 0, queued: 0 }
    for await (const line of createInterface({ input: child.stdout })) {
      const [what, id] = line.split(' ') as [keyof typeof said, string];
      (what === 'confirmed' ? confirmed : queued).add(id)
      said[what]++
      if (said[killedAt] >= count) child.kill('SIGKILL')
    }
    await exited
    const { spool, lines: complaints } = await startSpool(t, { dir })
    t.strictSame(complaints, [], 'nothing is damaged')
    t.strictSame(filesIn(dir).filter((name) => name.endsWith('.writing')), [])
    t.strictSame([...confirmed].filter((id) => !queued.has(id) && !spool.has(id)), [])
    for (const entry of spool.entries()) t.ok(await spool.read(entry))
  }
})
