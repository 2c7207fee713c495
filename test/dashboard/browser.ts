import { createRequire } from 'node:module'
import { readFileSync } from 'node:fs'
import { chromium, type Browser, type BrowserContextOptions, type Page } from 'playwright-core'
import root from 'tap'
import { CHROMIUM_ARGS, findChromium } from '../../rig/chromium.ts'
import type { Owner } from '../../rig/owner.ts'

/** Far beyond what a loaded machine needs. */
const PATIENCE_MS = 60_000

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

/**
 * Why tests in a browser are skipped, or false. In continuous integration, which has to install one, they fail without
 * one.
 */
export const noBrowser = findChromium() === undefined && process.env.CI !== 'true'
  ? 'no Chromium on the PATH: apt-get install chromium'
  : false

let running: Promise<Browser> | undefined

/** All tests of a process share one Chromium, which ends with the process: its start costs as much as a test. */
function browser (): Promise<Browser> {
  running ??= startBrowser()
  return running
}

async function startBrowser (): Promise<Browser> {
  const executablePath = findChromium()
  if (executablePath === undefined) throw new Error('no Chromium on the PATH: apt-get install chromium')
  const started = await chromium.launch({ executablePath, args: CHROMIUM_ARGS })
  // Not the test of a file: other files of the process follow.
  root.teardown(async () => { await started.close() })
  return started
}

const REPORTS_VIOLATIONS =
  `document.addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI }) => {
  console.error('violates', violatedDirective, blockedURI)
})`

export interface OpenPage {
  page: Page
  /** Errors of the page, of its console too, violations of its policy, and what it asked of other hosts. */
  troubles: string[]
}

/** Opens the dashboard of a service in a profile of its own. */
export async function openDashboard (
  t: Owner,
  url: string,
  options: BrowserContextOptions = {}
): Promise<OpenPage> {
  return openPage(t, `${url}/dashboard`, options)
}

/** Opens a page of a service in a profile of its own. */
export async function openPage (
  t: Owner, address: string, options: BrowserContextOptions = {}
): Promise<OpenPage> {
  const context = await (await browser()).newContext({ viewport: { width: 1280, height: 900 }, ...options })
  t.teardown(async () => { await context.close() })
  context.setDefaultTimeout(PATIENCE_MS)
  const page = await context.newPage()
  const troubles: string[] = []
  page.on('pageerror', (error) => {
    troubles.push(error.message)
  })
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') troubles.push(message.text())
  })
  page.on('request', (request) => {
    if (isForeign(request.url(), address)) troubles.push(`foreign request: ${request.url()}`)
  })
  // Not every violation is an error of the console.
  await page.addInitScript(REPORTS_VIOLATIONS)
  await page.goto(address)
  return { page, troubles }
}

/** Tells whether a request leaves the service; what is in the address itself does not. */
function isForeign (requested: string, address: string): boolean {
  const { origin, protocol } = new URL(requested)
  return protocol !== 'data:' && origin !== new URL(address).origin
}

/** Returns the findings of axe-core on the page as it is, a line each. */
export async function violations (page: Page): Promise<string[]> {
  await page.evaluate(AXE)
  const found = await page.evaluate("axe.run(document, { resultTypes: ['violations'] })") as {
    violations: { id: string, impact: string, nodes: { html: string, failureSummary: string }[] }[]
  }
  return found.violations.flatMap(({ id, impact, nodes }) =>
    nodes.map(({ html, failureSummary }) => `${impact} ${id}: ${html.slice(0, 160)} ${failureSummary}`)
  )
}
