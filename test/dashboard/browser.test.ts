import { mkdir, writeFile } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import type { FastifyInstance } from 'fastify'
import t from 'tap'
import type { Member } from '../../services/fleet/member.ts'
import { eventHandler, post, postBatch, startApp } from '../app.ts'
import { eventually } from '../../rig/eventually.ts'
import { startRedis } from '../../rig/redis.ts'
import { connectForCommands } from '../../services/redis/connection.ts'
import { provenRecord } from '../proven-forecast.ts'
import { KEYS } from '../queue-keys.ts'
import { noBrowser, openDashboard, startBrowser, violations } from './browser.ts'

if (noBrowser !== undefined) {
  t.plan(0, noBrowser)
  process.exit()
}

const THRESHOLDS = {
  QUEUE_RECOVERY_THRESHOLD: '10',
  QUEUE_WARNING_THRESHOLD: '20',
  QUEUE_CRITICAL_THRESHOLD: '40',
  QUEUE_HARD_LIMIT: '1000'
}

const browser = await startBrowser(t)

async function listen (app: FastifyInstance, port = 0): Promise<string> {
  await app.listen({ host: '127.0.0.1', port })
  return `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`
}

const events = (count: number, priority: number) =>
  Array.from({ length: count }, (_, index) => ({ type: `type-${index % 3}`, payload: { index }, priority }))

t.test('shows an overload from CLOSED to OPEN and back, and nobody is left out', async (t) => {
  let allowed = 0
  let handled = 0
  const handler = eventHandler(async () => {
    await eventually('the worker may go on', () => handled < allowed)
    handled++
    return { status: 'done' }
  })
  const { app } = await startApp(t, {
    env: {
      ...THRESHOLDS,
      ROLE: 'all',
      SPOOL_CLASSES: 'critical',
      RULE_ENGINE_WORKER_CONCURRENCY: '1',
      HANDLER_CONCURRENCY: '1'
    },
    handlers: [handler]
  })
  // Whatever else becomes of the test, the worker is let go.
  t.teardown(() => { allowed = Infinity })
  const url = await listen(app)
  const { page, troubles } = await openDashboard(t, browser, url, { colorScheme: 'light' })
  const phone = await openDashboard(t, browser, url, {
    colorScheme: 'dark',
    viewport: { width: 390, height: 844 },
    hasTouch: true
  })

  await page.locator('#headline-text', { hasText: 'All is well: everything is admitted' }).waitFor()
  t.equal(await page.locator('#circuit-state').textContent(), 'CLOSED')
  t.ok(await page.getByText('No events yet').isVisible(), 'says what to try first')
  t.match(await page.locator('#empty-command').textContent(), `curl -i ${url}/api/v1/events`)

  t.equal((await postBatch(app, [...events(5, 9), ...events(30, 5), ...events(9, 1)])).statusCode, 202)
  await page.locator('#circuit-state', { hasText: 'OPEN' }).waitFor()
  t.equal((await post(app, { type: 'late', payload: 1, priority: 9 })).statusCode, 503)
  await page.locator('#headline-text', {
    hasText: /^Shedding low and normal since \d\d:\d\d \(circuit OPEN, depth \d+ of 40/
  }).waitFor()
  await page.locator('#classes-rows tr', { hasText: 'low' }).getByText('circuit-open').waitFor()
  await page.locator('#incidents-list', { hasText: 'The circuit went from CLOSED to OPEN' }).waitFor()
  await page.locator('#refusals-rows tr', { hasText: 'circuit-open' }).waitFor()
  await page.locator('#types-rows tr', { hasText: 'type-1' }).waitFor()
  await page.locator('#live', { hasText: 'Circuit open: only critical events are admitted.' }).waitFor({
    state: 'attached'
  })
  t.match(
    await page.locator('#chart-depth .chart').getAttribute('aria-label'),
    /^Queue depth by class over the last 15 min: now \d+, lowest 0, highest \d+\.$/
  )
  t.equal(await page.getByText('No events yet').isVisible(), false)

  await page.getByRole('button', { name: 'Queue depth as a table' }).click()
  t.ok(await page.locator('#chart-depth table').isVisible())
  t.match(await page.locator('#chart-depth tbody tr').first().textContent(), /^\d\d:\d\d:\d\d/)
  for (const [name, shown] of [['light', page], ['dark, on a phone', phone.page]] as const) {
    await shown.locator('#circuit-state', { hasText: 'OPEN' }).waitFor()
    t.strictSame(await violations(shown), [], `axe finds nothing: ${name}`)
  }
  t.equal(
    await phone.page.evaluate('document.documentElement.scrollWidth'),
    390,
    'a phone has nothing to scroll sideways'
  )

  const sees = (state: string) => eventually(state, async () => {
    allowed++
    return (await page.locator('#incidents-list').textContent())?.includes(state)
  })
  await sees('from OPEN to HALF_OPEN')
  await sees('from HALF_OPEN to CLOSED')
  await page.locator('#headline-text', { hasText: 'All is well' }).waitFor()
  await page.locator('#headline-hour', {
    hasText: /the circuit opened once, .* and 1 events? w\w+ refused \(1 circuit-open\)/
  }).waitFor()
  t.strictSame([...troubles, ...phone.troubles], [], 'no error, and nothing asked of another host')
})

t.test('shows what a dead letter holds, as text, replays it, and cancels a replay', async (t) => {
  let isWell = false
  const markup = '<img src="http://other.invalid/x" onerror="document.title = 1">'
  const handler = eventHandler(() => isWell ? { status: 'done' } : { status: 'dead', reason: markup })
  const { app } = await startApp(t, { env: { ROLE: 'all' }, handlers: [handler] })
  const { page, troubles } = await openDashboard(t, browser, await listen(app), { colorScheme: 'dark' })
  t.equal(
    (await postBatch(app, [{ type: markup, payload: { markup } }, { type: 'plain', payload: 2 }])).statusCode,
    202
  )
  await page.locator('#dead-letters-count', { hasText: '2' }).waitFor()
  await page.getByRole('button', { name: 'View and replay' }).click()
  const dialog = page.getByRole('dialog', { name: 'Dead letters' })
  const row = dialog.locator('tbody tr', { has: page.locator('th', { hasText: 'img src' }) })
  await row.getByRole('button', { name: 'Look' }).click()
  t.match(JSON.parse(await dialog.locator('#dead-letter-payload').textContent() as string), { markup })
  t.strictSame(await violations(page), [], 'axe finds nothing in the dialog')

  isWell = true
  await row.getByRole('checkbox').check()
  await dialog.getByRole('button', { name: 'Replay selected' }).click()
  await page.getByRole('dialog', { name: 'Replay 1 dead letter?' }).getByRole('button', { name: 'Replay' }).click()
  await page.getByText('Replay done: 1 of 1 put back.').waitFor()
  await dialog.locator('#dead-letters-listed', { hasText: '1 dead letter listed' }).waitFor()

  await dialog.getByLabel('Type').fill('nothing-like-it')
  await dialog.getByRole('button', { name: 'Filter' }).click()
  await dialog.getByText('No dead letter matches').waitFor()
  await dialog.getByLabel('Type').fill('plain')
  await dialog.getByRole('button', { name: 'Filter' }).click()
  await dialog.locator('tbody tr', { hasText: 'plain' }).waitFor()
  const replayAll = async () => {
    await dialog.getByRole('button', { name: 'Replay all matches' }).click()
    await page.getByRole('dialog', { name: 'Replay 1 dead letter?' }).getByRole('button', { name: 'Replay' }).click()
  }
  t.equal((await app.inject({ method: 'POST', url: '/api/v1/workers/pause' })).statusCode, 200)
  await replayAll()
  await dialog.getByText('Replaying: 0 of 1, waits: workers-paused').waitFor()
  await dialog.getByRole('button', { name: 'Cancel replay' }).click()
  await page.getByText('Replay cancelled: 0 of 1 put back.').waitFor()
  t.equal((await app.inject({ method: 'POST', url: '/api/v1/workers/resume' })).statusCode, 200)
  await replayAll()
  await dialog.getByText('No dead letter matches').waitFor()
  await dialog.getByRole('button', { name: 'Close', exact: true }).first().click()
  await page.locator('#dead-letters-count', { hasText: 'none' }).waitFor()
  t.strictSame(troubles, [])
})

t.test('pauses, resumes, switches and resets, once it is confirmed', async (t) => {
  const { app } = await startApp(t, { env: { ROLE: 'all' } })
  const { page, troubles } = await openDashboard(t, browser, await listen(app))
  const confirm = page.getByRole('dialog')
  await page.getByRole('button', { name: 'Pause workers' }).click()
  await confirm.getByText('No worker of any process takes a new batch').waitFor()
  await page.keyboard.press('Escape')
  t.equal(await page.locator('#control-workers').textContent(), 'running', 'Escape is no')

  await page.getByRole('button', { name: 'Pause workers' }).click()
  await confirm.getByRole('button', { name: 'Pause the workers' }).click()
  await page.getByText('The workers are paused.').waitFor()
  await page.locator('#headline-text', { hasText: /^Workers are paused since/ }).waitFor()
  await page.getByRole('button', { name: 'Resume workers' }).click()
  await confirm.getByRole('button', { name: 'Resume the workers' }).click()
  await page.locator('#control-workers', { hasText: 'running' }).waitFor()

  await page.getByRole('button', { name: 'Switch' }).click()
  await confirm.getByLabel('observe').check()
  await confirm.getByRole('button', { name: 'Switch' }).click()
  await page.locator('#control-mode', { hasText: 'observe, configured: enforce' }).waitFor()
  await page.getByRole('button', { name: 'Switch' }).click()
  await confirm.getByLabel('as configured').check()
  await confirm.getByRole('button', { name: 'Switch' }).click()
  await page.locator('#control-mode', { hasText: /^enforce$/ }).waitFor()

  await page.getByRole('button', { name: 'Reset' }).click()
  await confirm.getByRole('button', { name: 'Reset the circuit' }).click()
  await page.getByText('Circuit closed and counters reset.').waitFor()
  t.strictSame(troubles, [])
})

t.test('changes the thresholds once it is confirmed, and says who changed what', async (t) => {
  const { app } = await startApp(t, { env: THRESHOLDS })
  const { page, troubles } = await openDashboard(t, browser, await listen(app))
  const confirm = page.getByRole('dialog')
  const change = async (values: Record<string, string>) => {
    await page.getByRole('button', { name: 'Change thresholds' }).click()
    for (const [label, value] of Object.entries(values)) await confirm.getByLabel(label, { exact: true }).fill(value)
    t.strictSame(await violations(page), [])
    await confirm.getByRole('button', { name: 'Change' }).click()
  }
  await page.locator('#settings-version', { hasText: 'as configured, never changed' }).waitFor()
  await change({ warning: '25', 'hard limit': '2000' })
  await page.locator('#settings-thresholds', { hasText: 'recovery 10, warning 25, critical 40, hard limit 2,000' })
    .waitFor()
  await page.locator('#settings-version', { hasText: /^1, .* by 127\.0\.0\.1: warning 25, hardLimit 2,000$/ }).waitFor()
  await change({ critical: '20' })
  await page.getByText(/The action failed: .*critical: Expected values in the order/).waitFor()
  await change({ warning: '' })
  await page.locator('#settings-thresholds', { hasText: 'warning 20,' }).waitFor()
  t.strictSame((await app.inject('/api/v1/settings')).json().overrides, {
    backpressure: { thresholds: { hardLimit: 2_000 } }
  })
  t.strictSame(troubles.filter((text) => !text.includes('400')), [])
})

t.test('says that its figures are stale while the server is away, and comes back by itself', async (t) => {
  const redis = await startRedis(t)
  const { app } = await startApp(t, { redis })
  const url = await listen(app)
  const { page } = await openDashboard(t, browser, url)
  await page.locator('#connection-text', { hasText: 'Live' }).waitFor()
  await app.close()
  await page.locator('#connection-text', { hasText: /^Stale since \d\d:\d\d:\d\d, last figures .* old$/ }).waitFor()
  t.ok(await page.getByText('These figures are not current').isVisible())
  t.equal(await page.locator('#live', { hasText: 'the figures are stale' }).count(), 1)
  const { app: back } = await startApp(t, { redis })
  await eventually('the dead letters were counted', () => back.queueStatus().deadLetters === 0)
  await listen(back, Number(new URL(url).port))
  await page.locator('#connection-text', { hasText: 'Live' }).waitFor()
  t.equal(await page.getByText('These figures are not current').count(), 0)

  await redis.kill()
  await page.locator('#headline-text', { hasText: /^Queue out of reach since \d\d:\d\d: depth unknown/ }).waitFor()
  t.strictSame(
    await Promise.all(
      ['#circuit-state', '#utilisation-value', '#flow-in', '#control-circuit', '#control-workers'].map((id) =>
        page.locator(id).textContent()
      )
    ),
    Array.from({ length: 5 }, () => 'unknown')
  )
  const last = /last known .* at \d\d:\d\d:\d\d/
  for (const id of [
    '#headline-text', '#circuit-since', '#utilisation-sub', '#flow-last', '#workers-sum', '#active-count',
    '#dead-letters-count'
  ]) {
    t.match(await page.locator(id).textContent(), last, id)
  }
  t.match(await page.locator('#workers-rows').textContent(), 'the workers are unknown')
  t.strictSame(await violations(page), [], 'axe finds nothing')
  await page.locator('#chart-depth .legend', { hasText: 'normal unknown' })
    .or(page.locator('#chart-depth .legend', { hasText: 'normalunknown' })).waitFor()
})

t.test('names the worker that takes no batch, and marks when the consumer goes away and comes back', async (t) => {
  const redis = await startRedis(t)
  const { app } = await startApp(t, { redis })
  const { app: worker } = await startApp(t, { redis, env: { ROLE: 'worker' } })
  const { page, troubles } = await openDashboard(t, browser, await listen(app))
  const member: Member = { ...worker.fleetMember(), host: 'host', pid: 7 }
  worker.queueMonitor.announce(() => ({ ...member, worker: { concurrency: 20, handlers: [], holds: ['no-handlers'] } }))
  await page.locator('#headline-text', { hasText: 'No worker takes a batch: host:7 has no handler.' }).waitFor()
  await page.locator('#workers-problems', { hasText: 'set DELIVERY_URL or RULES_FILE' }).waitFor()
  t.match(await page.locator('#workers-rows').textContent(), 'takes no batch: no-handlers')
  t.strictSame(await violations(page), [], 'axe finds nothing')
  worker.queueMonitor.announce(() => ({ ...member, worker: { concurrency: 20, handlers: ['delivery'], holds: [] } }))
  await page.locator('#headline-text', { hasText: 'All is well' }).waitFor()
  t.equal(await page.locator('#workers-problems').isVisible(), false)

  await app.queue.pauseFor(60_000)
  await page.locator('#incidents-list', { hasText: 'Deliveries wait for the consumer' }).waitFor()
  await page.locator('#chart-depth .chart[aria-label*="consumer away"]').waitFor()
  t.strictSame(troubles, [])
})

t.test('shows and changes the settings that a policy brings', async (t) => {
  const redis = await startRedis(t)
  const policy = `
    import { Type } from '${import.meta.resolve('@sinclair/typebox')}'
    const settings = { schema: Type.Object({ most: Type.Integer() }), defaults: () => ({ most: 3 }) }
    export default { rank: 35, kind: 'quota', settings, create: () => ({ judge: () => undefined }) }`
  await mkdir(join(redis.folder, 'policies'))
  await writeFile(join(redis.folder, 'policies', 'quota.ts'), policy)
  const { app } = await startApp(t, { redis, policyFolders: [join(redis.folder, 'policies')] })
  const { page, troubles } = await openDashboard(t, browser, await listen(app))
  await page.locator('#settings-further', { hasText: 'quota.mode true, quota.most 3' }).waitFor()
  await page.getByRole('button', { name: 'Change further settings' }).click()
  const confirm = page.getByRole('dialog')
  await confirm.getByLabel('quota.mode').fill('observe')
  await confirm.getByLabel('quota.most').fill('5')
  t.strictSame(await violations(page), [], 'axe finds nothing')
  await confirm.getByRole('button', { name: 'Change' }).click()
  await page.locator('#settings-further', { hasText: 'quota.mode observe, quota.most 5' }).waitFor()
  t.strictSame((await app.inject('/api/v1/settings')).json().overrides, { quota: { mode: 'observe', most: 5 } })
  t.strictSame(troubles, [])
})

/** Pixels of the chart of depth, right of its middle, that nearly have the colour of the forecast. */
const FORECAST_PIXELS = `(() => {
  const canvas = document.querySelector('#chart-depth canvas')
  const probe = document.body.appendChild(document.createElement('i'))
  probe.style.color = 'var(--forecast)'
  const wanted = getComputedStyle(probe).color.match(/[0-9]+/g).map(Number)
  probe.remove()
  // A copy, since Chromium warns of repeated reads of the canvas itself.
  const { width, height } = canvas
  const copy = Object.assign(document.createElement('canvas'), { width, height })
  const context = copy.getContext('2d', { willReadFrequently: true })
  context.drawImage(canvas, 0, 0)
  const left = Math.floor(width / 2)
  const { data } = context.getImageData(left, 0, width - left, height)
  let count = 0
  for (let at = 0; at < data.length; at += 4) {
    if (data[at + 3] > 200 && wanted.every((value, place) => Math.abs(data[at + place] - value) < 24)) count++
  }
  return count
})()`

t.test('draws the forecast ahead of now, says what is proven, and shows a shadow while there is one', async (t) => {
  const redis = await startRedis(t)
  const env = { ...THRESHOLDS, QUEUE_CRITICAL_THRESHOLD: '60' }
  const client = connectForCommands(redis.url)
  t.teardown(async () => { client.disconnect() })
  await eventually('Redis answers', async () => await client.ping() === 'PONG')
  const { app } = await startApp(t, { redis, env })
  const url = await listen(app)
  const { page, troubles } = await openDashboard(t, browser, url, { colorScheme: 'light' })
  const change = async (payload: object) => {
    const headers = { 'content-type': 'application/merge-patch+json' }
    t.equal((await app.inject({ method: 'PATCH', url: '/api/v1/settings', headers, payload })).statusCode, 200)
  }
  const legend = page.locator('#chart-depth .forecast')
  const summary = (text: string) => page.locator(`#chart-depth .chart[aria-label*="${text}"]`)
  const isDrawn = async (on = page) => await on.evaluate(FORECAST_PIXELS) as number > 20

  t.equal((await postBatch(app, events(30, 5))).statusCode, 202)
  await legend.getByText(/^30 in 60 s, not proven$/).waitFor()
  await summary('The forecast, which is not proven, expects about 30 in 60 s.').waitFor()
  await eventually('the band is drawn', () => isDrawn())
  t.notMatch(await page.locator('#headline-text').textContent(), 'expected')
  await page.locator('#classes-rows tr', { hasText: 'normal' }).getByText('not draining').waitFor()

  t.equal(await page.locator('#shadow').isVisible(), false)
  await change({ shadow: { control: { thresholds: 'adaptive' } } })
  await page.locator('#shadow-settings', { hasText: 'control.thresholds adaptive instead of static' }).waitFor()
  t.equal((await postBatch(app, events(3, 1))).statusCode, 202)
  await page.locator('#shadow-rows tr', { hasText: 'critical' }).getByText('3', { exact: true }).waitFor()
  t.notMatch(await page.locator('#settings-further').textContent(), 'shadow.')
  t.strictSame(await violations(page), [], 'axe finds nothing')

  await change({ shadow: null, control: { forecast: 'off' } })
  await legend.waitFor({ state: 'hidden' })
  await eventually('nothing is drawn', async () => !await isDrawn())
  t.equal(await summary('forecast').count(), 0)
  t.equal(await page.locator('#shadow').isVisible(), false)

  await client.set(KEYS.forecast, provenRecord())
  await change({ control: { forecast: null } })
  const { app: taught } = await startApp(t, { redis, env })
  const other = await openDashboard(t, browser, await listen(taught), {
    colorScheme: 'dark', viewport: { width: 390, height: 844 }, hasTouch: true
  })
  await other.page.locator('#chart-depth .forecast', { hasText: /^forecast[\d.k]+ in \d+ s \([\d.k]+ to [\d.k]+\)$/ }).waitFor()
  await other.page.locator('#chart-depth .chart[aria-label*="nine times in ten"]').waitFor()
  await eventually('the proven band is drawn', () => isDrawn(other.page))
  t.equal(await other.page.evaluate('document.documentElement.scrollWidth'), 390)
  t.strictSame(await violations(other.page), [], 'axe finds nothing on a phone')
  t.strictSame([...troubles, ...other.troubles], [])
})

t.test('asks for the token, keeps it for the tab, and asks again when it is refused', async (t) => {
  const { app } = await startApp(t)
  const url = await listen(app)
  const { page } = await openDashboard(t, browser, 'about:blank', {})
  await page.route('**/api/v1/dashboard/stream', (route) => route.request().headers().authorization === 'Bearer correct'
    ? route.continue()
    : route.fulfill({ status: 401, contentType: 'application/problem+json', body: '{}' }))
  await page.goto(`${url}/dashboard`)
  const dialog = page.getByRole('dialog', { name: 'This dashboard requires a token' })
  await dialog.getByLabel('Token').fill('wrong')
  await dialog.getByRole('button', { name: 'Open the dashboard' }).click()
  await dialog.getByText('The service refused this token.').waitFor()
  t.strictSame(await violations(page), [])
  await dialog.getByLabel('Token').fill('correct')
  await page.keyboard.press('Enter')
  await page.locator('#connection-text', { hasText: 'Live' }).waitFor()
  await page.reload()
  await page.locator('#connection-text', { hasText: 'Live' }).waitFor()
  t.equal(await dialog.isVisible(), false)
})

t.test('keeps the scheme and the window that were chosen, by keyboard too', async (t) => {
  const { app } = await startApp(t)
  const { page, troubles } = await openDashboard(t, browser, await listen(app), {
    colorScheme: 'light',
    reducedMotion: 'reduce'
  })
  await page.locator('#connection-text', { hasText: 'Live' }).waitFor()
  await page.keyboard.press('Tab')
  t.equal(await page.evaluate('document.activeElement.textContent'), 'Skip to the figures')
  const background = () => page.evaluate('getComputedStyle(document.body).backgroundColor')
  const light = await background()
  await page.getByLabel('Auto').focus()
  await page.keyboard.press('ArrowRight')
  await page.keyboard.press('ArrowRight')
  t.not(await background(), light, 'dark now')
  await page.getByLabel('1 h').check()
  await page.reload()
  await page.locator('#refused-window', { hasText: 'in 1 h' }).waitFor()
  t.not(await background(), light)
  t.ok(await page.getByLabel('Dark').isChecked())
  t.strictSame(troubles, [])
})
