import { PassThrough } from 'node:stream'
import { once } from 'node:events'
import { pino } from 'pino'
import t from 'tap'
import { ServerLog } from '../../../../services/redis/embedded/server-log.ts'

async function levelsAndTexts (
  isSteady: boolean,
  chunks: readonly string[]
): Promise<{ logged: [number, string][], lastLines: string }> {
  const logged: [number, string][] = []
  const log = pino({ level: 'debug' }, {
    write: (line: string) => {
      const { level, msg } = JSON.parse(line)
      logged.push([level, msg])
    }
  })
  const serverLog = new ServerLog(log, () => isSteady)
  const stream = new PassThrough()
  serverLog.read(stream)
  for (const chunk of chunks) stream.write(chunk)
  stream.end()
  await once(stream, 'end')
  return { logged, lastLines: serverLog.lastLines }
}

const NOTICE = '812:M 23 Nov 2026 18:04:50.093 * Background saving started'
const WARNING = '812:M 23 Nov 2026 18:04:51.002 # Error writing to the AOF file: No space left on device'

t.test('a warning of a running server is a warning, everything else is for debugging', async (t) => {
  const { logged } = await levelsAndTexts(true, [`${NOTICE}\n${WARNING}\n`])
  t.strictSame(logged, [[20, 'Background saving started'], [
    40,
    'Error writing to the AOF file: No space left on device'
  ]])
})

t.test('what a starting or stopping server prints is not a warning', async (t) => {
  t.strictSame((await levelsAndTexts(false, [`${WARNING}\n`])).logged.map(([level]) => level), [20])
})

t.test('lines are put together from chunks, with the unfinished last one', async (t) => {
  const { logged } = await levelsAndTexts(true, [NOTICE.slice(0, 30), `${NOTICE.slice(30)}\n\nno `, 'format'])
  t.strictSame(logged, [[20, 'Background saving started'], [40, 'no format']])
})

t.test('keeps the last 20 lines', async (t) => {
  const { lastLines } = await levelsAndTexts(
    false,
    Array.from({ length: 30 }, (_, line) => `1:C 23 Nov 2026 18:04:50.089 * line ${line}\n`)
  )
  t.strictSame(lastLines.split('\n'), Array.from({ length: 20 }, (_, line) => `line ${line + 10}`))
})
