import t from 'tap'
import { EXIT } from '../../../cli/exit-code.ts'
import { DONE } from '../../../services/event/outcome.ts'
import { eventHandler, postBatch, startApp } from '../../app.ts'
import { eventually } from '../../../rig/eventually.ts'
import { listen, runCli } from '../run-cli.ts'

t.test('dead letters are listed, shown and replayed', async (t) => {
  let isRefusing = true
  const { app } = await startApp(t, {
    env: { ROLE: 'all' },
    handlers: [eventHandler(() => isRefusing ? { status: 'dead', reason: 'no \u001B[31mthanks' } : DONE)]
  })
  const env = await listen(app)
  t.match(await runCli(['dead-letters', 'list'], { env }), { code: EXIT.ok, out: 'no dead letters\n' })
  await postBatch(app, [{ type: 'a', payload: 1 }, { type: 'a', payload: 2 }, { type: 'b', payload: 3 }])
  await eventually(
    'all are dead letters',
    async () => (await app.deadLetters.list({}, { limit: 10, after: undefined, mostCalls: 1 })).deadLetters.length === 3
  )

  const listed = await runCli(['dead-letters', 'list', '--type', 'a'], { env })
  t.match(listed.out, /^id +died +type +reason +attempts +error\nd-[0-9a-f]{32} .* refused +1 +no {2}\[31mthanks/)
  t.notMatch(listed.out, '\u001B', 'what others say cannot command the terminal')
  t.match((await runCli(['dead-letters', 'list', '--limit', '2'], { env })).out, 'there are more')
  const { deadLetters } = (await runCli(['dead-letters', 'list', '--json'], { env })).json() as unknown as {
    deadLetters: { id: string }[]
  }
  t.equal(deadLetters.length, 3)
  const [{ id }] = deadLetters as [{ id: string }]
  t.match((await runCli(['dead-letters', 'show', id, '--json'], { env })).json(), {
    id,
    reason: 'refused',
    event: { payload: 1 }
  })
  t.match(await runCli(['dead-letters', 'show', 'd-0'], { env }), { code: EXIT.failed, err: /404/ })
  t.match(await runCli(['dead-letters', 'list', '--reason', 'nope'], { env }), {
    code: EXIT.failed,
    err: /reason: Expected one of/
  })

  t.match((await runCli(['dead-letters', 'replay', '--type', 'a', '--dry-run', '--json'], { env })).json(), {
    dryRun: true,
    matched: 2
  })
  isRefusing = false
  const replayed = await runCli(['dead-letters', 'replay', '--type', 'a'], { env })
  t.match(replayed, { code: EXIT.ok, out: /^replay \S+ done: 2 of 2 replayed, 0 skipped/ })
  const begun = (await runCli(['dead-letters', 'replay', '--all', '--no-wait', '--json'], { env }))
    .json() as unknown as { id: string, matched: number }
  t.match(begun, { matched: 1 })
  await eventually(
    'the rest is replayed too',
    async () => (await runCli(['dead-letters', 'list'], { env })).out === 'no dead letters\n'
  )
  t.match((await runCli(['dead-letters', 'replays', '--json'], { env })).json(), { replays: [{ id: begun.id }, {}] })
  t.match(await runCli(['dead-letters', 'cancel', begun.id], { env }), { code: EXIT.failed, err: /409/ })
})
