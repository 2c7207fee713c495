import t from 'tap'
import { eventHandler, listen, postBatch, startApp } from '../app.ts'
import { noBrowser, openDashboard, violations } from './browser.ts'

t.test('shows what a dead letter holds, as text, replays it, and cancels a replay', { skip: noBrowser }, async (t) => {
  let isWell = false
  const markup = '<img src="http://other.invalid/x" onerror="document.title = 1">'
  const handler = eventHandler(() => isWell ? { status: 'done' } : { status: 'dead', reason: markup })
  const { app } = await startApp(t, { env: { ROLE: 'all' }, handlers: [handler] })
  const { page, troubles } = await openDashboard(t, await listen(app), { colorScheme: 'dark' })
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
