/*
 * The page at /docs: a shell of our own around Scalar's script, which renders the OpenAPI document. The shell of the
 * package starts that script by an inline one, which a strict policy refuses.
 */
import type { ApiReferenceConfiguration } from '@scalar/fastify-api-reference'
import { pageHeaders } from '../../services/access/page-headers.ts'

/** Everything that calls the maker's hosts or advertises its services is off. */
const CONFIGURATION = {
  url: '/openapi.json',
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

/** Path of the script that starts the page. */
export const START_PATH = '/docs/js/start.js'

/** Starts Scalar. Without `jitless` its validator tries to evaluate text, which the policy refuses. */
export const START_SCRIPT = `globalThis.__zod_globalConfig = { jitless: true }
document.addEventListener('DOMContentLoaded', () => {
  Scalar.createApiReference('#reference', ${JSON.stringify(CONFIGURATION)})
})
`

/** The page itself. It holds no inline script. */
export const PAGE = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <title>Spillway API</title>
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <link rel="icon" href="/dashboard/icon.svg">
    <script src="${START_PATH}" defer></script>
    <script src="/docs/js/scalar.js" defer></script>
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
