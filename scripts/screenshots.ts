/*
 * Takes the pictures of docs/DASHBOARD.md with a real service with small thresholds, a consumer that falls behind
 * twice, and the installed Chromium. Needs about three minutes.
 */
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { chromium, type Browser } from 'playwright-core'
import { CHROMIUM_ARGS, findChromium } from '../rig/chromium.ts'
import { startConsumer } from '../rig/consumer.ts'
import { makeFolder } from '../rig/folder.ts'
import { withOwner, type Owner } from '../rig/owner.ts'
import { startServer } from '../rig/spawned-server.ts'
import { capture } from './screenshots/capture.ts'
import { startTraffic, type Rates } from './screenshots/traffic.ts'

const IMAGES = join(import.meta.dirname, '../docs/images')

const SHOTS = [
  { name: 'dashboard-desktop-light', width: 1440, height: 900, scheme: 'light', isFullPage: true },
  { name: 'dashboard-desktop-dark', width: 1440, height: 900, scheme: 'dark', isFullPage: true },
  { name: 'dashboard-wall-dark', width: 1920, height: 1080, scheme: 'dark', isFullPage: false },
  { name: 'dashboard-phone-light', width: 390, height: 1600, scheme: 'light', isFullPage: false },
  { name: 'dashboard-phone-dark', width: 390, height: 1600, scheme: 'dark', isFullPage: false }
] as const

const QUIET: Rates = {
  'critical-alarm': 4,
  'door-opened': 12,
  'device-state-change': 30,
  'telemetry-data': 60,
  'usage-report': 15,
  'batch-operation': 10
}
const FLOOD: Rates = {
  'critical-alarm': 12,
  'door-opened': 40,
  'device-state-change': 90,
  'telemetry-data': 240,
  'usage-report': 70,
  'batch-operation': 60
}

/** The phases: their length, their traffic, and the time of the consumer per batch. */
const PHASES: { seconds: number, rates: Rates, delayMs: number }[] = [
  { seconds: 40, rates: QUIET, delayMs: 60 },
  { seconds: 26, rates: FLOOD, delayMs: 900 },
  { seconds: 10, rates: QUIET, delayMs: 300 },
  { seconds: 34, rates: QUIET, delayMs: 170 },
  { seconds: 16, rates: QUIET, delayMs: 60 },
  { seconds: 24, rates: FLOOD, delayMs: 700 }
]

const executablePath = findChromium()
if (executablePath === undefined) throw new Error('no Chromium on the PATH: apt-get install chromium')
await withOwner(async (owner) => {
  const url = await run(owner)
  const browser = await chromium.launch({ executablePath, args: CHROMIUM_ARGS })
  owner.teardown(() => browser.close())
  await mkdir(IMAGES, { recursive: true })
  for (const shot of SHOTS) await take(browser, url, shot)
})

/** Runs the service through all phases, and leaves it in the last. */
async function run (owner: Owner): Promise<string> {
  let delayMs = 0
  let sequence = 0
  const consumer = await startConsumer(owner, { keepsCalls: false })
  consumer.answer = ({ body }, reply) => {
    const events = JSON.parse(body) as { id: string, type: string }[]
    const results = events.map(({ id, type }) => ({ id, status: isRefused(type, sequence++) ? 'dead' : 'done' }))
    reply.writeHead(207, { 'content-type': 'application/json' })
    setTimeout(() => reply.end(JSON.stringify({ results })), delayMs)
  }
  const env = {
    DATA_DIR: await makeFolder(owner), DELIVERY_URL: consumer.url, REDIS_APPENDFSYNC: 'everysec', LOG_LEVEL: 'info',
    QUEUE_RECOVERY_THRESHOLD: '1200', QUEUE_WARNING_THRESHOLD: '2500', QUEUE_CRITICAL_THRESHOLD: '5000',
    RULE_ENGINE_WORKER_CONCURRENCY: '2', BATCH_MAX_EVENTS: '32'
  }
  const api = await startServer(owner, { ...env, ROLE: 'api' }, { isMeasured: true })
  for (let count = 0; count < 2; count++) await startServer(owner, { ...env, ROLE: 'worker' }, { isMeasured: true })
  let rates: Rates = {}
  const traffic = startTraffic(api.url, () => rates)
  owner.teardown(traffic.stop)
  for (const phase of PHASES) {
    rates = phase.rates
    delayMs = phase.delayMs
    await wait(phase.seconds * 1_000)
  }
  return api.url
}

/** The consumer refuses some events for good, so that the page shows dead letters. */
function isRefused (type: string, sequence: number): boolean {
  return type === 'device-state-change' && sequence % 41 === 0
}

async function take (
  browser: Browser,
  url: string,
  { name, width, height, scheme, isFullPage }: (typeof SHOTS)[number]
): Promise<void> {
  const isPhone = width < 600
  const page = await browser.newPage({ viewport: { width, height }, colorScheme: scheme, hasTouch: isPhone })
  await page.addInitScript("localStorage.setItem('spillway-window', '300')")
  await page.goto(`${url}/dashboard`)
  await page.locator('body[data-connection=live]').waitFor()
  await page.locator('#headline[data-tone=bad]').waitFor()
  const whole = await page.evaluate('document.documentElement.scrollHeight') as number
  await capture(page, join(IMAGES, `${name}.webp`), {
    width,
    height: isFullPage ? whole : height,
    deviceScaleFactor: isPhone ? 2 : 1.25
  })
  await page.close()
}
