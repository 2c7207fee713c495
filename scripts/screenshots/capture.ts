import { writeFile } from 'node:fs/promises'
import { setTimeout as wait } from 'node:timers/promises'
import type { Page } from 'playwright-core'

const QUALITY = 88

/** Long enough for charts to be drawn in their new size, and for another second to come. */
const REDRAW_MS = 1_500

/** Writes a picture of the upper part of a page as WebP, which takes a third of PNG and which Playwright itself does not offer. */
export async function capture (page: Page, path: string, size: { width: number, height: number, deviceScaleFactor: number }): Promise<void> {
  const session = await page.context().newCDPSession(page)
  // Pictures that a session takes have the density that it has set itself.
  await session.send('Emulation.setDeviceMetricsOverride', { ...size, mobile: false })
  await wait(REDRAW_MS)
  const { data } = await session.send('Page.captureScreenshot', { format: 'webp', quality: QUALITY })
  await writeFile(path, Buffer.from(data, 'base64'))
  await session.detach()
}
