import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { pathToFileURL } from 'node:url'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import t from 'tap'

const LINK = pathToFileURL(join(import.meta.dirname, '../../../server/processes/supervisor-link.ts')).href

/** Runs code with the link in a process of its own. */
function start (code: string) {
  const module = `import { once } from 'node:events'; import { SupervisorLink } from '${LINK}'; ${code}; setInterval(() => {}, 1e9)`
  return spawn(process.execPath, ['--input-type=module', '--eval', module], { stdio: ['ignore', 'pipe', 'inherit', 'ipc'] })
}

/** The end of a process whose supervisor goes away at once. */
async function endOf (code: string): Promise<readonly [code: number | null, signal: NodeJS.Signals | null]> {
  const child = start(code)
  child.disconnect()
  return await once(child, 'exit') as [number | null, NodeJS.Signals | null]
}

t.test('a process ends with its supervisor, whether that dies before the process listens for it or later', async (t) => {
  const seen = "if (process.connected) await once(process, 'disconnect')"
  t.strictSame(await endOf(`${seen}; new SupervisorLink('1')`), [null, 'SIGTERM'])
  t.strictSame(await endOf("new SupervisorLink('1')"), [null, 'SIGTERM'])
})

t.test('the page of a process has its label also if the supervisor is silent', async (t) => {
  const child = start("process.stdout.write(await new SupervisorLink('2').merged('# TYPE some_total counter\\nsome_total 3\\n'))")
  const [text] = await once(child.stdout as Readable, 'data') as [Buffer]
  t.match(text.toString(), /^some_total\{process="2"\} 3$/m)
  child.kill()
  await once(child, 'exit')
})
