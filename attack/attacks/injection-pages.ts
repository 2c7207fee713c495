import { chromium } from 'playwright-core'
import { CHROMIUM_ARGS, findChromium } from '../../rig/chromium.ts'
import type { Attack } from '../attack.ts'

const MARKUP = [
  '<script>window.owned=1</script>', '"><img src=x onerror="window.owned=1">', '<svg onload=window.owned=1>', '<iframe srcdoc="<script>top.owned=1</script>">',
  '{{constructor.constructor("window.owned=1")()}}', "';window.owned=1//", '<a href="javascript:window.owned=1" autofocus onfocus=window.owned=1>',
  '</title></textarea></script><script>window.owned=1</script>', '\u202e\u001b[2J'
]
const PAGES = ['/dashboard', '/admin/queues', '/admin/queues/queue/spillway', '/docs', '/docs#"><img src=x onerror=window.owned=1>']
const SETTLED_MS = 2_000

export default {
  description: 'the same texts on the dashboard, in the job browser and in the reference, opened in Chromium',
  isLong: true,
  // Events stay in the queue, and events of a consumer that refuses become dead letters.
  env: { EVENT_ATTEMPTS: '1', RULE_ENGINE_WORKER_CONCURRENCY: '1' },
  run: async ({ target, owner, report, note }) => {
    const executablePath = findChromium()
    if (executablePath === undefined) {
      report('breach', 'there is no Chromium to open the pages in: apt-get install chromium')
      return 0
    }
    target.consumer.answer = (_call, reply) => { reply.writeHead(422).end(MARKUP.join('')) }
    for (const text of MARKUP) {
      for (const place of ['type', 'organizationId', 'id', 'payload']) {
        await (await fetch(`${target.url}/api/v1/events`, {
          method: 'POST', headers: { 'content-type': 'application/json' },
          body: JSON.stringify({ type: 'page', payload: text, priority: 1, [place]: text })
        })).arrayBuffer()
      }
    }
    const browser = await chromium.launch({ executablePath, args: CHROMIUM_ARGS })
    owner.teardown(() => browser.close())
    const context = await browser.newContext({ extraHTTPHeaders: { authorization: target.operator } })
    let shown = 0
    for (const path of PAGES) {
      const page = await context.newPage()
      page.on('dialog', (dialog) => {
        report('breach', `${path} opened a dialog`)
        void dialog.dismiss()
      })
      await page.goto(target.url + path)
      await page.waitForTimeout(SETTLED_MS)
      if (await page.evaluate('window.owned !== undefined')) report('breach', `${path} ran a text of a producer`)
      const content = await page.content()
      if (content.includes('window.owned')) shown++
      for (const secret of target.secrets) if (content.includes(secret)) report('secret', path)
      await page.close()
    }
    note(`${shown} of ${PAGES.length} pages showed one of the texts`)
    return MARKUP.length * 4
  }
} satisfies Attack
