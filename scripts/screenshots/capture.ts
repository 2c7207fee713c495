import { writeFile } from 'node:fs/promises'
import { setTimeout as wait } from 'node:timers/promises'
import type { Page } from 'playwright-core'

const QUALITY = 88

/** Long enough for charts to be redrawn in their new size, and for another second of figures. */
const REDRAW_MS = 1_500

/** Writes a picture of the top of a page as WebP, which needs a third of PNG and which Playwright does not offer. */
export async function capture (
  page: Page,
  path: string,
  size: { width: number, height: number, deviceScaleFactor: number }
): Promise<void> {
  const session = await page.context().newCDPSession(page)
  // A picture of the debugging session has the density that the session has set.
  await session.send('Emulation.setDeviceMetricsOverride', { ...size, mobile: false })
  await wait(REDRAW_MS)
  const { data } = await session.send('Page.captureScreenshot', { format: 'webp', quality: QUALITY })
  await writeFile(path, Buffer.from(data, 'base64'))
  await session.detach()
}
