import t from 'tap'
import { listen, postBatch, startApp } from '../app.ts'
import { eventually } from '../../rig/eventually.ts'
import { startRedis } from '../../rig/redis.ts'
import { connectPatiently } from '../patient-connection.ts'
import { provenRecord } from '../proven-forecast.ts'
import { KEYS } from '../queue-keys.ts'
import { noBrowser, openDashboard, violations } from './browser.ts'
import { events, THRESHOLDS } from './small-queue.ts'

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

t.test('draws the forecast ahead of now, says what is proven, and shows a shadow while there is one', {
  skip: noBrowser
}, async (t) => {
  const redis = await startRedis(t)
  const env = { ...THRESHOLDS, QUEUE_CRITICAL_THRESHOLD: '60' }
  const client = connectPatiently(redis.url)
  t.teardown(async () => { client.disconnect() })
  await eventually('Redis answers', async () => await client.ping() === 'PONG')
  const { app } = await startApp(t, { redis, env })
  const url = await listen(app)
  const { page, troubles } = await openDashboard(t, url, { colorScheme: 'light' })
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
  const other = await openDashboard(t, await listen(taught), {
    colorScheme: 'dark', viewport: { width: 390, height: 844 }, hasTouch: true
  })
  await other.page.locator('#chart-depth .forecast', { hasText: /^forecast[\d.k]+ in \d+ s \([\d.k]+ to [\d.k]+\)$/ }).waitFor()
  await other.page.locator('#chart-depth .chart[aria-label*="nine times in ten"]').waitFor()
  await eventually('the proven band is drawn', () => isDrawn(other.page))
  t.equal(await other.page.evaluate('document.documentElement.scrollWidth'), 390)
  t.strictSame(await violations(other.page), [], 'axe finds nothing on a phone')
  t.strictSame([...troubles, ...other.troubles], [])
})
