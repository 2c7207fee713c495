import t from 'tap'
import { EXIT } from '../../../cli/exit-code.ts'
import { organizationTable, organizationText, type Organization } from '../../../cli/organizations/table.ts'
import { eventually } from '../../../rig/eventually.ts'
import { postBatch, startApp } from '../../app.ts'
import { listen, runCli, stop } from '../run-cli.ts'

const NOTHING = { load: 0, fairShare: 0, deadline: 0, quota: 0, forbidden: 0, invalid: 0 }

const ACME: Organization = {
  organizationId: 'acme',
  offeredPerSecond: 1_234.5,
  admittedPerSecond: 900,
  refusedPerSecond: { ...NOTHING, load: 34.5, quota: 300 },
  queued: 1_200,
  weight: 2,
  share: 480.2,
  quota: { eventsPerSecond: 1_000 },
  ledger: {
    since: '2026-03-01T10:00:00.000Z', bookedAt: '2026-03-01T10:01:30.000Z', received: 1_500, enqueued: 1_400, spooled: 0,
    duplicate: 1, shed: 0, wouldExpire: 9, quota: 90, forbidden: 0, invalid: 0, sampled: 0,
    queue: { returned: 2, done: 198, deadLettered: 4, expired: 0, adjusted: 0 }
  }
}

const QUIET: Organization = {
  ...ACME, organizationId: '', offeredPerSecond: 0.4, admittedPerSecond: 0.4, refusedPerSecond: NOTHING, queued: 0,
  weight: 1,
  share: null, quota: { bytesPerSecond: 5_000 }, ledger: null
}

t.test('a table has an organization in a line, and says why events are refused', async (t) => {
  t.equal(organizationTable([ACME, { ...QUIET, organizationId: 'evil\u001B[2J\nname', quota: null }]), `
organization   offered/s  admitted/s  refused/s  in queue  weight  share/s  quota/s  of quota  refused for
acme               1,235         900        335     1,200       2      480    1,000     123 %  quota, load
evil [2J name        0.4         0.4          0         0       1        -        -         -`.slice(1))
})

t.test('one organization is shown with its statement', async (t) => {
  t.match(organizationText(ACME), `
quota/s          1,000
of quota         123 %
refused for      quota, load
statement        from 2026-03-01T10:00:00.000Z to 2026-03-01T10:01:30.000Z
  received       1,500
  enqueued       1,400
  spooled        0
  duplicate      1
  shed           0
  would expire   9
  quota          90`)
  t.match(organizationText(ACME), /dead lettered {2}4\n {2}expired {8}0/)
  t.match(organizationText(QUIET), /^organization {2}\(no name\)\noffered/)
  t.match(
    organizationText({ ...QUIET, organizationId: 'evil\u001B[2J\nname' }), /^organization {2}evil \[2J name\noffered/
  )
  t.match(organizationText(QUIET), /quota\/s {7}5,000 B\nof quota {6}-\n[^]*statement {5}none: it posts too little$/)
})

t.test('asks the service, for a list or for one, once or again and again', async (t) => {
  const { app } = await startApp(t)
  const env = await listen(app)
  t.strictSame(await runCli(['organizations'], { env }).then(({ code, out }) => ({ code, out })), {
    code: EXIT.ok, out: 'no organization has posted an event lately\n'
  })
  const ids = ['acme/1', 'acme/1', 'globex']
  await postBatch(app, ids.map((organizationId) => ({ type: 'x', payload: 1, organizationId })))
  const listed = await eventually('both are listed', async () => {
    const { out } = await runCli(['organizations'], { env })
    return out.includes('globex') && out
  })
  t.match(listed, /^organization .*\nacme\/1 .*\nglobex [^\n]*\n$/)
  t.notMatch((await runCli(['organizations', '--limit', '1'], { env })).out, 'globex')
  t.match((await runCli(['organizations', '--json'], { env })).json(), {
    organizations: [{ organizationId: 'acme/1', queued: 2 }, { organizationId: 'globex', ledger: { received: 1 } }]
  })
  t.match((await runCli(['organizations', 'acme/1'], { env })).out, /^organization {5}acme\/1\n[^]* {2}received {7}2\n/)
  t.match((await runCli(['organizations', 'acme/1', '--json'], { env })).json(), { organizationId: 'acme/1' })
  const unknown = await runCli(['organizations', 'none'], { env })
  t.match(unknown, { code: EXIT.failed, err: /404 No organization of this name/ })
  t.match(await runCli(['organizations', ''], { env }), { code: EXIT.failed, err: /no statement is of ""/ })
  await postBatch(app, [{ type: 'x', payload: 1 }, { type: 'x', payload: 1, organizationId: '..' }])
  await eventually('both have statements', async () => (await runCli(['organizations', '..'], { env })).code === EXIT.ok)
  t.match((await runCli(['organizations', ''], { env })).out, /^organization {5}\(no name\)\n[^]* {2}received {7}1\n/)
  t.match((await runCli(['organizations', '..', '--json'], { env })).json(), { organizationId: '..' })
  t.equal((await runCli(['organizations', '--limit', '0'], { env })).code, EXIT.usage)
  const stopping = new AbortController()
  const watching = runCli(['organizations', '--watch', '--interval', '0.01'], {
    env, signal: stopping.signal, isTTY: true
  })
  stop(stopping)
  t.equal((await watching).code, EXIT.ok, 'Ctrl-C is the normal end')
})
