import t from 'tap'
import { EXIT } from '../../../cli/exit-code.ts'
import { run } from '../../../cli/program.ts'
import { eventHandler, post, startApp } from '../../app.ts'
import { eventually } from '../../../rig/eventually.ts'
import { listen, runCli, stop } from '../run-cli.ts'

t.test('prints the latest events with their payloads, and ends', async (t) => {
  const { app } = await startApp(t)
  const env = await listen(app)
  t.match(await runCli(['tail', '--no-follow'], { env }), { code: EXIT.ok, out: '' })
  const { id } = (await post(app, '{"type":"order","payload":{"amount": 1.0}}')).json()
  await post(app, { type: 'reading', payload: 2 })
  const { code, out, err } = await runCli(['tail', '--no-follow', '--payload'], { env })
  t.equal(code, EXIT.ok, err)
  const lines = out.trimEnd().split('\n')
  t.match(lines[0], new RegExp(`^\\d{4}-\\d\\d-\\d\\dT[\\d:.]+Z  5  order  ${id.replaceAll('.', '\\.')}  waiting$`))
  t.equal(lines[1], '    {"amount": 1.0}')
  t.match(lines[2], /reading/)
  t.match((await runCli(['tail', '--no-follow', '--type', 'reading'], { env })).out, /^[^\n]+ reading [^\n]+\n$/)
  t.match((await runCli(['tail', '--no-follow', '-n', '1'], { env })).out, /^[^\n]+ reading [^\n]+\n$/)
  const json = (await runCli(['tail', '--no-follow', '--json', '--payload', '--type', 'order'], { env })).out
  t.match(json, /"payload":\{"amount": 1\.0\}\}\n$/)
  t.match(JSON.parse(json), { id, type: 'order', priority: 5, status: 'waiting', payload: { amount: 1 } })
})

t.test('what producers say cannot command the terminal', async (t) => {
  const { app } = await startApp(t)
  const env = await listen(app)
  const evil = '\u001B[2J\u009B31m\u202Eevil'
  t.equal((await post(app, { type: evil, id: evil, payload: { text: evil } })).statusCode, 202)
  const { out } = await runCli(['tail', '--no-follow', '--payload'], { env })
  t.match(out, 'evil')
  t.notMatch(out.replaceAll('\n', ''), /[\p{Cc}\p{Cf}]/u)
  const json = (await runCli(['tail', '--no-follow', '--payload', '--json'], { env })).out
  t.notMatch(json.trimEnd(), /[\p{Cc}\p{Cf}]/u)
  t.match(JSON.parse(json), { type: evil, payload: { text: evil } }, 'and programs read it as it was')
})

t.test('follows: an event when it comes, and again when it is done', async (t) => {
  const release = Promise.withResolvers<void>()
  const handler = eventHandler(async () => {
    await release.promise
    return { status: 'done' }
  })
  const { app } = await startApp(t, { env: { ROLE: 'all' }, handlers: [handler] })
  t.teardown(async () => release.resolve())
  const env = await listen(app)
  const stopping = new AbortController()
  let out = ''
  const output = { write: (text: string) => { out += text }, isTTY: false, columns: 80 }
  const ended = run(['tail', '--interval', '0.02'], '1.2.3', {
    env, signal: stopping.signal, stdin: (async function * () {})(), out: output, err: output
  })
  await post(app, { type: 'mine', payload: 1 })
  await eventually('it is shown', () => out.includes('  mine  '))
  release.resolve()
  await eventually('it is shown to be done', () => /  mine  .*  done\n/.test(out))
  stop(stopping)
  t.equal(await ended, EXIT.ok, 'Ctrl-C is how it ends')
})

t.test('says that a token is needed, and that nobody is there', async (t) => {
  const { app } = await startApp(t, { env: { ADMIN_TOKEN: 'an-operator-of-16-characters' } })
  const env = await listen(app)
  t.match(await runCli(['tail'], { env }), { code: EXIT.failed, err: /SPILLWAY_TOKEN/ })
  t.equal((await runCli(['tail', '--no-follow', '--token', 'an-operator-of-16-characters'], { env })).code, EXIT.ok)
  t.equal((await runCli(['tail'], { env: { SPILLWAY_URL: 'http://127.0.0.1:9' } })).code, EXIT.unreachable)
})
