import t from 'tap'
import { EXIT } from '../../../cli/exit-code.ts'
import { patchOf } from '../../../cli/settings/api.ts'
import { settingsTable } from '../../../cli/settings/table.ts'
import { startApp } from '../../app.ts'
import { listen, runCli } from '../run-cli.ts'

t.test('settings are shown, changed, listed and rolled back', async (t) => {
  const { app } = await startApp(t, { env: { QUEUE_WARNING_THRESHOLD: '10000' } })
  const env = await listen(app)
  const run = (...args: string[]) => runCli(['settings', ...args], { env })
  t.match(await run('get'), {
    code: EXIT.ok,
    out: /^version 0\nbackpressure\.mode +true +configured\nbackpressure\.thresholds\.warning +10000 +configured\n/
  })
  t.match(await run('history'), { code: EXIT.ok, out: 'no changes\n' })

  const set = await run('set', 'backpressure.thresholds.warning=20000', 'backpressure.mode=false')
  t.match(set, {
    code: EXIT.ok,
    out: /^version 1\nbackpressure\.mode +false +set\nbackpressure\.thresholds\.warning +20000 +set\n/
  })
  t.strictSame([app.backpressure.mode, app.backpressure.signals.thresholds.warning], ['false', 20_000])
  t.match((await run('set', 'backpressure.mode=null', '--json')).json(), {
    version: 2,
    settings: { backpressure: { mode: 'true' } }
  })
  t.match(await run('set', 'backpressure.thresholds.warning=30000', '--if-version', '1'), {
    code: EXIT.failed,
    err: /412 The settings have version 2/
  })
  t.match(await run('set', 'backpressure.thresholds.warning=many', 'control.shed=1'), {
    code: EXIT.failed, err: /400 backpressure\.thresholds\.warning: Expected integer .*; control\.shed: Unexpected property/
  })
  t.match(await run('set', 'backpressure.mode'), { code: EXIT.usage, err: /write field=value/ })
  t.match(await run('set'), { code: EXIT.usage })

  const lines = (await run('history')).out.trim().split('\n')
  t.match(lines, [
    /^2 {2}\S+Z {2}127\.0\.0\.1 {2}backpressure\.mode false -> true \(configured\)$/,
    /^1 {2}\S+Z {2}127\.0\.0\.1 {2}backpressure\.mode true -> false, backpressure\.thresholds\.warning 10000 -> 20000$/
  ])
  t.match(await run('rollback', '1', '--if-version', '2'), {
    code: EXIT.ok,
    out: /^version 3\nbackpressure\.mode +false +set/
  })
  t.match((await run('history', '--json')).json(), {
    changes: [{ version: 3, rollbackTo: 1 }, { version: 2 }, { version: 1 }]
  })
  t.match(await run('rollback', '77'), { code: EXIT.failed, err: /404/ })
  t.match(await run('rollback', 'x'), { code: EXIT.usage })
})

t.test('the value of an assignment is of the type that the field has', async (t) => {
  const current = { version: 1, overrides: {}, settings: { a: { text: 'true', number: 1, flag: true } } }
  const table: [assignments: string[], patch: object][] = [
    [['a.text=true'], { a: { text: 'true' } }],
    [['a.text=7', 'a.number=7'], { a: { text: '7', number: 7 } }],
    [['a.flag=false'], { a: { flag: false } }],
    [['a.text=null'], { a: { text: null } }],
    [['a.number=seven'], { a: { number: 'seven' } }],
    [['shadow.a.text=true', 'shadow.a.number=8'], { shadow: { a: { text: 'true', number: 8 } } }],
    [['b={"c":1}'], { b: { c: 1 } }],
    [['a.text=x=y'], { a: { text: 'x=y' } }],
    [['q."a.b".c=1', 'q.a.b=2'], { q: { 'a.b': { c: 1 }, a: { b: 2 } } }],
    [['a."text"=7', '"a=b"=1'], { a: { text: '7' }, 'a=b': 1 }],
    [['shadow.a."text"=7'], { shadow: { a: { text: '7' } } }],
    [['__proto__.a=1'], JSON.parse('{"__proto__": {"a": 1}}')]
  ]
  for (const [assignments, patch] of table)
    t.equal(JSON.stringify(patchOf(assignments, current)), JSON.stringify(patch), assignments.join(' '))
  for (const wrong of [['a'], ['=1'], ['a='], ['a=1', 'a.b=2'], ['a..b=1'], ['a."b=1'], ['a"b"=1'], ['""']])
    t.throws(() => patchOf(wrong, current), { code: 'USAGE' }, wrong.join(' '))
})

t.test('an organization with a dot in its name is set and shown in quotes', async (t) => {
  const { app } = await startApp(t)
  const env = await listen(app)
  const run = (...args: string[]) => runCli(['settings', ...args], { env })
  t.match(await run('set', 'quotas.organizations."eu.acme".eventsPerSecond=5', 'quotas.organizations.acme.weight=2'), {
    code: EXIT.ok, out: /^quotas\.organizations\."eu\.acme"\.eventsPerSecond +5 +set$/m
  })
  t.match(app.settings.current.settings.quotas, { organizations: { 'eu.acme': { eventsPerSecond: 5 } } })
  t.match(await run('history'), { out: /quotas\.organizations\."eu\.acme"\.eventsPerSecond null -> 5/ })
  t.match(await run('set', 'quotas.organizations."eu.acme".eventsPerSecond=0'), {
    code: EXIT.failed, err: /400 quotas\.organizations\."eu\.acme"\.eventsPerSecond: Expected/
  })
  t.match(await run('set', 'quotas.organizations."eu.acme"=null'), { code: EXIT.ok, out: /^version 2$/m })
  t.strictSame(Object.keys((app.settings.current.settings.quotas as { organizations: object }).organizations), ['acme'])

  for (const at of ['', 'shadow.'])
    t.match(await run('set', `${at}quotas.organizations.eu.acme.eventsPerSecond=5`), {
      code: EXIT.usage, err: /quote an organization with a dot: 'quotas\.organizations\."eu\.acme"\.eventsPerSecond=…'/
    }, 'a shell removes the quotes')
})

t.test('columns stand below each other, whatever a name holds', async (t) => {
  const table = settingsTable({
    version: 1, overrides: {}, settings: { 'a\u001b[31m': 'x', b: 'y\u001b', longest: 1 }
  })
  t.equal(new Set(table.split('\n').slice(1).map((line) => line.indexOf('configured'))).size, 1, table)
})
