import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Page } from 'playwright-core'
import t from 'tap'
import { listen, post, startApp, storedEvents } from '../app.ts'
import { noBrowser, openPage, type OpenPage } from '../dashboard/browser.ts'

const TOKEN = 'a token of operators'
const PAGES = ['/docs', '/dashboard', '/admin/queues']

/** Services of the maker of the reference page, which it advertises on loopback. */
const ADVERTISED = /Ask AI|Generate SDK|\bDeploy\b|\bShare\b|Developer Tools|\bMCP\b/i

/** A page of another origin that frames an address. */
async function startFraming (address: string): Promise<string> {
  const server = createServer((_request, response) => {
    response.setHeader('content-type', 'text/html')
    response.end(`<!doctype html><title>Frames</title><iframe src="${address}"></iframe>`)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => { server.close() })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
}

/** Whether the page runs a script that is in its markup, or text as a script. */
const RUNS_FOREIGN_SCRIPT = `(() => {
  try {
    const script = document.createElement('script')
    script.textContent = 'window.isInlineRun = true'
    document.head.append(script)
  } catch {}
  return window.isInlineRun === true
})()`

for (const token of [undefined, TOKEN]) {
  void t.test(token === undefined ? 'without ADMIN_TOKEN' : 'with ADMIN_TOKEN', { skip: noBrowser }, async (t) => {
    const { app } = await startApp(t, { env: token === undefined ? {} : { ADMIN_TOKEN: token } })
    const url = await listen(app)
    const options = token === undefined ? {} : { httpCredentials: { username: 'operator', password: token } }

    async function assertClean ({ page, troubles }: OpenPage): Promise<void> {
      // The dashboard asks first and presents its token then.
      t.strictSame(
        troubles.filter((trouble) => !trouble.includes('the server responded with a status of 401')),
        [],
        'no trouble'
      )
      t.equal(await page.evaluate(RUNS_FOREIGN_SCRIPT), false, 'no inline script runs')
    }

    await t.test('the reference shows every operation, and its request posts an event', async (t) => {
      const opened = await openPage(t, `${url}/docs`)
      await showsReference(opened.page)
      t.notMatch(await opened.page.locator('body').textContent(), ADVERTISED)
      const before = (await storedEvents(app)).length
      t.strictSame(await sendTestRequest(opened.page), ['/api/v1/events', 202])
      t.equal((await storedEvents(app)).length, before + 1)
      t.notMatch(await opened.page.locator('body').textContent(), ADVERTISED)
      await assertClean(opened)
    })

    await t.test('the dashboard shows figures', async (t) => {
      const opened = await openPage(t, `${url}/dashboard`)
      if (token !== undefined) {
        await opened.page.getByRole('dialog').getByLabel('Token').fill(token)
        await opened.page.keyboard.press('Enter')
      }
      await opened.page.locator('#connection-text', { hasText: 'Live' }).waitFor()
      await assertClean(opened)
    })

    await t.test('the job browser shows batches', async (t) => {
      await post(app, { type: 'shown', payload: 1 })
      const opened = await openPage(t, `${url}/admin/queues`, options)
      await opened.page.getByRole('link', { name: 'events' }).first().click()
      await opened.page.getByText(/^5-1-[\da-f-]+$/).first().waitFor()
      await assertClean(opened)
    })

    for (const path of PAGES) {
      await t.test(`${path} is not framed`, async (t) => {
        const { page } = await openPage(t, await startFraming(`${url}${path}`), options)
        t.equal(page.frames().length, 2)
        t.match(page.frames()[1]?.url(), /^chrome-error:/)
      })
    }
  })
}

async function showsReference (page: Page): Promise<void> {
  await page.getByRole('button', { name: /Test Request/ }).first().waitFor()
  for (const summary of ['Post one event', 'Post many events', 'Post a telemetry reading']) {
    await page.getByText(summary).first().waitFor()
  }
}

/** Sends the request that the reference has prepared for the first operation, and tells its path and status. */
async function sendTestRequest (page: Page): Promise<[path: string, status: number]> {
  await page.getByRole('button', { name: /Test Request/ }).first().click()
  const [response] = await Promise.all([
    page.waitForResponse((response) => response.request().method() === 'POST'),
    page.getByRole('button', { name: /^Send/ }).first().click()
  ])
  return [new URL(response.url()).pathname, response.status()]
}
