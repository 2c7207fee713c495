/*
 * The page at /docs: a shell of our own around Scalar's script, which renders the OpenAPI document. The shell of the
 * package starts that script by an inline one, which a strict policy refuses.
 */
import type { ApiReferenceConfiguration } from '@scalar/fastify-api-reference'
import { pageHeaders } from '../../services/access/page-headers.ts'

/** Everything that calls the maker's hosts or advertises its services is off. */
const CONFIGURATION = {
  withDefaultFonts: false,
  telemetry: false,
  showDeveloperTools: 'never',
  hideClientButton: true,
  agent: { disabled: true },
  mcp: { disabled: true },
  // A link to the document itself, not a copy that the page makes.
  documentDownloadType: 'direct',
  // The schemas name the members in the order of their importance.
  orderSchemaPropertiesBy: 'preserve',
  defaultHttpClient: { targetKey: 'shell', clientKey: 'curl' }
} satisfies Partial<ApiReferenceConfiguration>

/** The path of the script that starts the page, below that of Spillway. */
const START_PATH = '/docs/js/start.js'

export interface ReferencePage {
  /** The page itself. It holds no inline script. */
  readonly html: string
  readonly startPath: string
  readonly startScript: string
}

/** Returns the page of a service below a path, and the script that starts it. */
export function referencePage (rootPath: string): ReferencePage {
  return { html: htmlBelow(rootPath), startPath: START_PATH, startScript: startScriptBelow(rootPath) }
}

/** Starts Scalar. Without `jitless` its validator tries to evaluate text, which the policy refuses. */
const startScriptBelow = (rootPath: string) => `globalThis.__zod_globalConfig = { jitless: true }
document.addEventListener('DOMContentLoaded', () => {
  Scalar.createApiReference('#reference', ${JSON.stringify({ url: `${rootPath}/openapi.json`, ...CONFIGURATION })})
})
`

const htmlBelow = (rootPath: string) => `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <title>Spillway API</title>
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <link rel="icon" href="${rootPath}/dashboard/icon.svg">
    <script src="${rootPath}${START_PATH}" defer></script>
    <script src="${rootPath}/docs/js/scalar.js" defer></script>
  </head>
  <body>
    <div id="reference"></div>
  </body>
</html>
`

/** Scalar writes styles into the page and its elements, and draws symbols from data URLs; scripts are files. */
export const PAGE_HEADERS = {
  ...pageHeaders({ 'style-src': "'self' 'unsafe-inline'", 'img-src': "'self' data:" }),
  // A browser that asks each time has the page of a new version with the first reload.
  'cache-control': 'no-cache'
}
