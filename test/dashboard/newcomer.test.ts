import type { Page } from 'playwright-core'
import t from 'tap'
import { eventHandler, listen, post, postBatch, startApp } from '../app.ts'
import { eventually } from '../../rig/eventually.ts'
import { noBrowser, openDashboard, violations } from './browser.ts'

const SMALL_PHONE = { viewport: { width: 360, height: 640 }, hasTouch: true }
const LEAST_TARGET = 24

/** Targets that are shown and smaller than WCAG 2.5.8 asks for, a line each; a label is the target of what it holds. */
async function smallTargets (page: Page): Promise<string[]> {
  // As text: these are names of a browser, and the tests are checked without them.
  return await page.evaluate(`[...document.querySelectorAll('button, a, select, input')].flatMap((element) => {
    const target = element.closest('label') ?? element
    const { width, height } = target.getBoundingClientRect()
    const isSmall = width < ${LEAST_TARGET - 0.01} || height < ${LEAST_TARGET - 0.01}
    return target.checkVisibility() && isSmall ? [target.outerHTML.slice(0, 80) + ': ' + width + ' by ' + height] : []
  })`)
}

const scrollWidth = (page: Page) => page.evaluate('document.documentElement.scrollWidth')

t.test('a newcomer sees the own event, where it is, and its payload as text', { skip: noBrowser }, async (t) => {
  const markup = '<img src="http://other.invalid/x" onerror="document.title = 1">'
  const { app } = await startApp(t, { env: { ROLE: 'all' }, handlers: [eventHandler(() => ({ status: 'done' }))] })
  const url = await listen(app)
  const { page, troubles } = await openDashboard(t, url)
  const phone = await openDashboard(t, url, SMALL_PHONE)
  await page.getByText('This replica has not received an event yet').waitFor()
  const text = JSON.stringify(markup)
  const body = `{"type": ${text}, "payload": {"amount": 12345678901234567890, "markup": ${text}}}`
  const { id } = (await post(app, body)).json()
  const row = page.locator('#latest-rows tr', { hasText: 'img src' })
  await row.locator('td', { hasText: 'done' }).waitFor()
  t.match(await page.locator('#latest-note').textContent(), '1 accepted')
  await row.getByRole('button', { name: /^Look at/ }).click()
  const dialog = page.getByRole('dialog', { name: 'img src' })
  await dialog.locator('#event-payload', { hasText: '12345678901234567890' }).waitFor()
  await dialog.locator('#event-facts', { hasText: id }).waitFor()
  await dialog.locator('#event-facts', { hasText: 'finishedAt' }).waitFor()
  t.strictSame(await violations(page), [], 'axe finds nothing in the dialog')
  await dialog.getByRole('button', { name: 'Close' }).click()

  await phone.page.locator('#latest-rows tr', { hasText: 'img src' }).getByRole('button', { name: /^Look at/ }).click()
  await phone.page.locator('#event-payload', { hasText: '12345678901234567890' }).waitFor()
  t.strictSame(await smallTargets(phone.page), [])
  t.equal(await scrollWidth(phone.page), 360, 'nothing to scroll sideways')
  t.strictSame([...troubles, ...phone.troubles], [])
})

t.test('dead letters have dates, and one or those that are selected are deleted, on a small phone too', {
  skip: noBrowser
}, async (t) => {
  const handler = eventHandler(() => ({ status: 'dead', reason: 'refused by the test' }))
  const { app } = await startApp(t, { env: { ROLE: 'all' }, handlers: [handler] })
  const url = await listen(app)
  const { page, troubles } = await openDashboard(t, url, SMALL_PHONE)
  const types = ['one', 'two', 'three', 'four', 'long.'.repeat(50)]
  t.equal((await postBatch(app, types.map((type) => ({ type, payload: { type } })))).statusCode, 202)
  await page.locator('#dead-letters-count', { hasText: '5' }).waitFor()
  await page.getByRole('button', { name: 'View and replay' }).click()
  const dialog = page.getByRole('dialog', { name: 'Dead letters' })
  const row = (type: string) => dialog.locator('tbody tr', { has: page.locator('th', { hasText: type }) })
  t.match(
    await row('one').locator('.died').textContent(),
    /^\d{1,2} \w+ \d{4}, \d\d:\d\d:\d\d(just now|\d+ (s|min) ago)$/
  )
  t.match(await row('one').textContent(), 'refused', 'the reason is there on a phone')
  t.strictSame(await smallTargets(page), [])
  for (const part of [dialog, dialog.locator('.scroll.dead-letters')]) {
    t.ok(await part.evaluate((element) => element.scrollWidth <= element.clientWidth), 'nothing to scroll sideways')
  }
  t.ok(await dialog.getByRole('button', { name: 'Delete selected' }).isDisabled())

  await row('one').getByRole('button', { name: 'Look' }).click()
  await dialog.locator('#dead-letter-facts', { hasText: 'refused by the test' }).waitFor()
  t.strictSame(await violations(page), [], 'axe finds nothing')
  await dialog.getByRole('button', { name: 'Delete this dead letter' }).click()
  const question = page.getByRole('dialog', { name: 'Delete 1 dead letter?' })
  await question.getByRole('button', { name: 'Cancel' }).click()
  t.equal(await row('one').count(), 1, 'Cancel is no')
  await dialog.getByRole('button', { name: 'Delete this dead letter' }).click()
  await question.getByRole('button', { name: 'Delete' }).click()
  await dialog.locator('#dead-letters-listed', { hasText: '4 dead letters listed' }).waitFor()
  t.equal(await row('one').count(), 0)
  t.equal(await dialog.locator('#dead-letter').isVisible(), false)

  await row('two').getByRole('checkbox').check()
  await row('three').getByRole('checkbox').check()
  const { deadLetters } = (await app.inject('/api/v1/dead-letters?type=three')).json()
  t.equal((await app.inject({ method: 'DELETE', url: `/api/v1/dead-letters/${deadLetters[0].id}` })).statusCode, 204)
  await dialog.getByRole('button', { name: 'Delete selected' }).click()
  await page.getByRole('dialog', { name: 'Delete 2 dead letters?' }).getByRole('button', { name: 'Delete' }).click()
  await page.getByText('1 dead letter deleted, 1 of 2 was already gone.').waitFor()
  await dialog.locator('#dead-letters-listed', { hasText: '2 dead letters listed' }).waitFor()
  t.equal(await row('four').count(), 1)
  t.strictSame(troubles.filter((text) => !text.includes('404')), [])
})

t.test('the banner of stale figures stays in sight while the page is scrolled', { skip: noBrowser }, async (t) => {
  const { app } = await startApp(t)
  const { page } = await openDashboard(t, await listen(app), SMALL_PHONE)
  await page.locator('#connection-text', { hasText: 'Live' }).waitFor()
  t.strictSame(await smallTargets(page), [], 'targets of the page')
  await app.close()
  const banner = page.getByText('These figures are not current')
  await banner.waitFor()
  await page.evaluate('scrollTo(0, document.body.scrollHeight)')
  t.ok(await page.evaluate('scrollY > 500'), 'scrolled')
  await eventually('it is in sight', async () => {
    const box = await banner.boundingBox()
    return box !== null && box.y >= 0 && box.y + box.height <= SMALL_PHONE.viewport.height
  })
})
