/*
 * Loaded into a process by --import: the source of one module is another than the one on the disk. PROVE_REWRITE holds,
 * as JSON, the module and what is replaced in it. The process ends when that text is not in it exactly once, so that no
 * sabotage is without effect.
 */
import { registerHooks } from 'node:module'

const {
  module, replace: [from, to]
} = JSON.parse(process.env.PROVE_REWRITE ?? '') as { module: string, replace: [string, string] }

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
