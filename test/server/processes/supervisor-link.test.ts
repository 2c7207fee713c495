import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { pathToFileURL } from 'node:url'
import { join } from 'node:path'
import t from 'tap'

const LINK = pathToFileURL(join(import.meta.dirname, '../../../server/processes/supervisor-link.ts')).href

/** Runs code with the link in a process whose supervisor goes away at once, and returns how the process ends. */
async function endOf (code: string): Promise<readonly [code: number | null, signal: NodeJS.Signals | null]> {
  const module = `import { once } from 'node:events'; import { SupervisorLink } from '${LINK}'; ${code}; setInterval(() => {}, 1e9)`
  const child = spawn(process.execPath, ['--input-type=module', '--eval', module], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc']
  })
  child.disconnect()
  return await once(child, 'exit') as [number | null, NodeJS.Signals | null]
}

t.test('a process ends with its supervisor, whether that dies before the process listens for it or later', async (t) => {
  const seen = "if (process.connected) await once(process, 'disconnect')"
  t.strictSame(await endOf(`${seen}; new SupervisorLink()`), [null, 'SIGTERM'])
  t.strictSame(await endOf('new SupervisorLink()'), [null, 'SIGTERM'])
})
