import t from 'tap'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { EXIT } from '../../cli/exit-code.ts'
import { refusedUrl } from '../../rig/consumer.ts'
import { eventually } from '../../rig/eventually.ts'
import { startRedis } from '../../rig/redis.ts'
import { startWithAdminPort } from '../admin-port.ts'
import { startApp } from '../app.ts'
import { listen, runCli } from './run-cli.ts'

const CLI = join(import.meta.dirname, '../../cli')
const COMMANDS = readdirSync(join(CLI, 'commands')).map((file) => file.replace('.ts', ''))

t.test('help lists every command, and each command has examples', async (t) => {
  const { code, out } = await runCli(['--help'])
  t.equal(code, EXIT.ok)
  for (const command of COMMANDS) {
    t.match(out, new RegExp(`^  ${command} `, 'm'))
    const help = await runCli([command, '--help'])
    t.equal(help.code, EXIT.ok)
    t.match(help.out, `$ npx spillway ${command}`)
  }
  t.match(await runCli(['--version']), { code: EXIT.ok, out: '1.2.3\n' })
})

t.test('the document names every command and every check of the doctor', async (t) => {
  const document = readFileSync(join(CLI, '../docs/CLI.md'), 'utf8')
  for (const command of COMMANDS) t.match(document, `| \`${command}`)
  for (const file of readdirSync(join(CLI, 'doctor/checks'))) t.match(document, `\`${file.replace('.ts', '')}\``)
})

t.test('wrong usage ends with 2 and says what is wrong', async (t) => {
  const table: [args: string[], message: RegExp][] = [
    [['stauts'], /Did you mean status/],
    [['status', '--nope'], /unknown option/],
    [['status', '--interval', '0'], /number of seconds/],
    [['status', '--url', 'localhost:3000'], /not a URL/],
    [['send', '/nowhere/at/all'], /cannot read/],
    [['send', '--priority', '11'], /from 1 to 10/],
    [['dead-letters', 'replay'], /--id, a filter, or --all/],
    [['dead-letters', 'replay', '--all', '--type', 'a'], /--id, a filter, or --all/],
    [['drain', '--timeout', 'soon'], /number of seconds/]
  ]
  for (const [args, message] of table) {
    const { code, err, out } = await runCli(args)
    t.equal(code, EXIT.usage, args.join(' '))
    t.match(err, message)
    t.equal(out, '')
  }
})

t.test('a service that is not there ends with 3', async (t) => {
  const url = new URL(await refusedUrl()).origin
  for (const args of [['status'], ['drain'], ['send'], ['dead-letters', 'list']]) {
    const { code, err } = await runCli([...args, '--url', url])
    t.equal(code, EXIT.unreachable)
    t.match(err, `no Spillway answers at ${url} (ECONNREFUSED)`)
  }
})

t.test('send goes to PORT, and all else to ADMIN_PORT if its address is given', async (t) => {
  const { url, adminUrl } = await startWithAdminPort(t, await startRedis(t))
  const env = { SPILLWAY_URL: url, SPILLWAY_ADMIN_URL: adminUrl }
  const options = ['--url', url, '--admin-url', adminUrl]
  t.match(await runCli(['send', '--type', 'x'], { env, stdin: '1\n' }), { code: EXIT.ok })
  t.match(await runCli(['send', '--type', 'x', ...options], { stdin: '1\n' }), { code: EXIT.ok })
  await eventually('both events are counted', async () =>
    (await runCli(['status', '--json'], { env })).out.replaceAll(' ', '').includes('"totalPending":2'))
  for (const outcome of [await runCli(['status', '--json'], { env }), await runCli(['status', '--json', ...options])]) {
    t.equal(outcome.code, EXIT.ok)
    t.match(outcome.json(), { url: adminUrl, queue: { totalPending: 2 } })
  }
  t.match(await runCli(['status'], { env: { SPILLWAY_URL: url } }), {
    code: EXIT.failed,
    err: /404 There is no GET \/api\/v1\/metrics\/queue here; .*ADMIN_PORT has the routes for operators: set --admin-url or SPILLWAY_ADMIN_URL to/
  })
  t.match(await runCli(['status', '--url', adminUrl], { env: { SPILLWAY_ADMIN_URL: url } }), { code: EXIT.ok })
  const nowhere = new URL(await refusedUrl()).origin
  t.match(await runCli(['status', '--url', url, '--admin-url', nowhere]), {
    code: EXIT.unreachable, err: /start it, or correct --admin-url or SPILLWAY_ADMIN_URL/
  })
  t.match(await runCli(['status', '--admin-url', 'http://someone:secret@127.0.0.1:1']), {
    code: EXIT.usage, err: /contains credentials/
  })
})

t.test('credentials in the URL are refused and not shown', async (t) => {
  const { code, err } = await runCli(['status'], { env: { SPILLWAY_URL: 'http://someone:secret@127.0.0.1:1' } })
  t.equal(code, EXIT.usage)
  t.match(err, /SPILLWAY_TOKEN/)
  t.notMatch(err, 'secret')
})

t.test('the token goes along, and what is refused without one says so', async (t) => {
  const server = createServer((request, reply) => {
    const isKnown = request.headers.authorization === 'Bearer secret'
    reply.writeHead(isKnown ? 200 : 401).end(isKnown ? '{"deadLetters":[]}' : '{"detail":"not for you"}')
  }).listen(0, '127.0.0.1')
  t.teardown(() => { server.close() })
  await once(server, 'listening')
  const env = { SPILLWAY_URL: `http://127.0.0.1:${(server.address() as { port: number }).port}` }
  t.match(await runCli(['dead-letters', 'list'], { env }), {
    code: EXIT.failed,
    err: /401 not for you: the service requires a token; set SPILLWAY_TOKEN/
  })
  const wrong = await runCli(['dead-letters', 'list'], { env: { ...env, SPILLWAY_TOKEN: 'wrong-one' } })
  t.match(wrong, { code: EXIT.failed, err: /401 not for you: the service refused the token; set SPILLWAY_TOKEN/ })
  t.notMatch(wrong.err, /wrong-one/)
  const unsendable = await runCli(['dead-letters', 'list'], { env: { ...env, SPILLWAY_TOKEN: 'two\nlines' } })
  t.match(unsendable, { code: EXIT.usage, err: /token contains a control character/ })
  t.notMatch(unsendable.err, /two|lines/)
  t.match(await runCli(['dead-letters', 'list'], { env: { ...env, SPILLWAY_TOKEN: 'secret' } }), { code: EXIT.ok })
  t.match(await runCli(['dead-letters', 'list', '--token', 'secret'], { env }), { code: EXIT.ok })
})

t.test('a token is sent in UTF-8, without the line break of its file; one that cannot be sent is wrong usage', async (t) => {
  const token = 'schlüssel-für-operatoren-😀'
  const { app } = await startApp(t, { env: { ADMIN_TOKEN: token } })
  const env = await listen(app)
  for (const given of [token, `${token}\n`, ` ${token}\r\n`]) {
    t.match(
      await runCli(['dead-letters', 'list'], { env: { ...env, SPILLWAY_TOKEN: given } }),
      { code: EXIT.ok },
      JSON.stringify(given)
    )
    t.match(await runCli(['dead-letters', 'list', '--token', given], { env }), { code: EXIT.ok })
  }
  for (const given of ['two\nlines', 'bell\u0007']) {
    t.match(await runCli(['dead-letters', 'list'], { env: { ...env, SPILLWAY_TOKEN: given } }), {
      code: EXIT.usage,
      err: /token contains a control character/
    })
  }
  t.match(await runCli(['dead-letters', 'list'], { env: { ...env, SPILLWAY_TOKEN: '\n' } }), {
    code: EXIT.failed,
    err: /SPILLWAY_TOKEN/
  }, 'a line break alone is no token')
})

t.test('a port that no request goes to is named', async (t) => {
  t.match(await runCli(['status', '--url', 'http://127.0.0.1:6000']), { code: EXIT.unreachable, err: /bad port/ })
})

t.test('an older Node.js is told in one line', async (t) => {
  const older = 'data:text/javascript,Object.defineProperty(process, "versions", { value: { node: "20.1.0" } })'
  const child = spawn(process.execPath, ['--import', older, join(CLI, 'spillway.mjs')], {
    env: {},
    stdio: ['ignore', 'pipe', 'pipe']
  })
  const [err, [code]] = await Promise.all([text(child.stderr), once(child, 'exit')])
  t.equal(code, 1)
  t.match(err, /^spillway needs Node\.js 22\.19 or newer, this is 20\.1\.0;[^\n]*after `npm ci`[^\n]*\n$/)
})
