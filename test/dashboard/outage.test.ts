import t from 'tap'
import type { Member } from '../../services/fleet/member.ts'
import { listen, startApp } from '../app.ts'
import { eventually } from '../../rig/eventually.ts'
import { startRedis } from '../../rig/redis.ts'
import { noBrowser, openDashboard, violations } from './browser.ts'

t.test('says that its figures are stale while the server is away, and comes back by itself', {
  skip: noBrowser
}, async (t) => {
  const redis = await startRedis(t)
  const { app } = await startApp(t, { redis })
  const url = await listen(app)
  const { page } = await openDashboard(t, url)
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

t.test('names the worker that takes no batch, and marks when the consumer goes away and comes back', {
  skip: noBrowser
}, async (t) => {
  const redis = await startRedis(t)
  const { app } = await startApp(t, { redis })
  const { app: worker } = await startApp(t, { redis, env: { ROLE: 'worker' } })
  const { page, troubles } = await openDashboard(t, await listen(app))
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
