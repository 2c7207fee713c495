import t from 'tap'
import { beginPost, startApp } from '../app.ts'
import { eventually } from '../../rig/eventually.ts'

t.test('a critical stream has a long line beside others, and none of them has to give way', async (t) => {
  // One of them holds all that is theirs.
  const { app } = await startApp(t, { env: { BODY_LIMIT_BYTES: '16777216' } })
  const ndjson = { 'content-type': 'application/x-ndjson' }
  const line = `{"type":"x","payload":"${'x'.repeat(100_000)}`
  const other = await beginPost(t, app, '/api/v1/events/batch', ndjson)
  other.write(line)
  await eventually('it holds memory', () => app.streamMemory.lines.held > 0)
  const critical = await beginPost(t, app, '/api/v1/events/batch', { ...ndjson, 'x-event-priority': '1' })
  critical.write(line)
  await eventually('so does the critical one', () => app.streamMemory.lines.held > 16_777_216)
  for (const call of [critical, other]) {
    call.write('"}\n')
    call.end()
  }
  for (const { answer } of [critical, other]) t.match(await answer, { statusCode: 202, body: { accepted: 1 } })
})
