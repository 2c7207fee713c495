/*
 * Loaded into a process by --import: changes the source of one module at load time. REWRITE holds the module and
 * the replacement as JSON. The process ends if the text to replace does not occur exactly once, so that no sabotage is
 * without effect.
 */
import { registerHooks } from 'node:module'

const {
  module, replace: [from, to]
} = JSON.parse(process.env.REWRITE ?? '') as { module: string, replace: [string, string] }

registerHooks({
  load (url, context, nextLoad) {
    const loaded = nextLoad(url, context)
    if (!url.startsWith('file:') || !new URL(url).pathname.endsWith(`/${module}`) || url.includes('/node_modules/')) {
      return loaded
    }
    const source =
      typeof loaded.source === 'string' ? loaded.source : Buffer.from(loaded.source as Uint8Array).toString()
    const parts = source.split(from)
    if (parts.length !== 2) {
      process.stderr.write(`${module} holds ${parts.length - 1} times: ${from}\n`)
      process.exit(1)
    }
    return { ...loaded, source: parts.join(to) }
  }
})
