import t from 'tap'
import { listen, postBatch, startApp } from '../app.ts'
import { noBrowser, openDashboard, violations } from './browser.ts'

t.test('shows who posts most, and why events of whom are refused; names are text', { skip: noBrowser }, async (t) => {
  const { app } = await startApp(t)
  const url = await listen(app)
  const { page, troubles } = await openDashboard(t, url)
  await page.locator('#connection-text', { hasText: 'Live' }).waitFor()
  t.equal(await page.locator('#organizations').isVisible(), false, 'nothing is known of any')
  const markup = '<img src="http://other.invalid/x" onerror="document.title = 1">'
  await app.inject({
    method: 'PATCH',
    url: '/api/v1/settings',
    payload: { quotas: { organizations: { acme: { eventsPerSecond: 0.01, burst: 1, weight: 3 } } } }
  })
  await postBatch(app, [
    ...Array.from({ length: 20 }, () => ({ type: 'x', payload: 1, organizationId: markup })),
    ...Array.from({ length: 5 }, () => ({ type: 'x', payload: 1, organizationId: 'acme' }))
  ])
  await page.locator('#organizations').waitFor()
  const rows = page.locator('#organizations-rows tr')
  await rows.nth(1).waitFor()
  t.equal(await rows.nth(0).locator('th').textContent(), markup, 'the largest offer first')
  t.equal(await rows.nth(0).locator('td').last().textContent(), '20')
  t.match(await rows.nth(1).textContent(), /^acme.*quota.*weight 3.*\/s1$/)
  t.strictSame(await violations(page), [], 'axe finds nothing')
  t.strictSame(troubles, [])
})

t.test('says that figures are unavailable, and keeps the last ones', { skip: noBrowser }, async (t) => {
  const { app } = await startApp(t)
  const { page } = await openDashboard(t, await listen(app))
  await postBatch(app, [{ type: 'x', payload: 1, organizationId: 'acme' }])
  await page.locator('#organizations-rows tr', { hasText: 'acme' }).waitFor()
  await page.route('**/api/v1/organizations*', (route) => route.fulfill({
    status: 503, contentType: 'application/problem+json', body: '{"detail": "Redis is out of reach"}'
  }))
  await page.locator('#organizations-note', { hasText: 'Redis is out of reach' }).waitFor()
  t.equal(await page.locator('#organizations-rows tr', { hasText: 'acme' }).isVisible(), true)
})
