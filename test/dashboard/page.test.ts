import t from 'tap'
import { listen, startApp } from '../app.ts'
import { noBrowser, openDashboard, violations } from './browser.ts'

t.test('asks for the token, keeps it for the tab, and asks again when it is refused', {
  skip: noBrowser
}, async (t) => {
  const { app } = await startApp(t)
  const url = await listen(app)
  const { page } = await openDashboard(t, 'about:blank', {})
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

t.test('keeps the scheme and the window that were chosen, by keyboard too', { skip: noBrowser }, async (t) => {
  const { app } = await startApp(t)
  const { page, troubles } = await openDashboard(t, await listen(app), {
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
