import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { listen, startApp } from '../app.ts'
import { startRedis } from '../../rig/redis.ts'
import { noBrowser, openDashboard, violations } from './browser.ts'
import { THRESHOLDS } from './small-queue.ts'

t.test('pauses, resumes, switches and resets, once it is confirmed', { skip: noBrowser }, async (t) => {
  const { app } = await startApp(t, { env: { ROLE: 'all' } })
  const { page, troubles } = await openDashboard(t, await listen(app))
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

t.test('changes the thresholds once it is confirmed, and says who changed what', { skip: noBrowser }, async (t) => {
  const { app } = await startApp(t, { env: THRESHOLDS })
  const { page, troubles } = await openDashboard(t, await listen(app))
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

t.test('shows and changes the settings that a policy brings', { skip: noBrowser }, async (t) => {
  const redis = await startRedis(t)
  const policy = `
    import { Type } from '${import.meta.resolve('@sinclair/typebox')}'
    const settings = { schema: Type.Object({ most: Type.Integer() }), defaults: () => ({ most: 3 }) }
    export default { rank: 35, kind: 'quota', settings, create: () => ({ judge: () => undefined }) }`
  await mkdir(join(redis.folder, 'policies'))
  await writeFile(join(redis.folder, 'policies', 'quota.ts'), policy)
  const { app } = await startApp(t, { redis, policyFolders: [join(redis.folder, 'policies')] })
  const { page, troubles } = await openDashboard(t, await listen(app))
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
