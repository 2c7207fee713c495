import t from 'tap'
import { eventHandler, listen, post, postBatch, startApp } from '../app.ts'
import { eventually } from '../../rig/eventually.ts'
import { noBrowser, openDashboard, violations } from './browser.ts'
import { events, THRESHOLDS } from './small-queue.ts'

t.test('shows an overload from CLOSED to OPEN and back, and nobody is left out', { skip: noBrowser }, async (t) => {
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
  const { page, troubles } = await openDashboard(t, url, { colorScheme: 'light' })
  const phone = await openDashboard(t, url, {
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
