/*
 * The page at /docs: our own HTML around Scalar's script, which renders the OpenAPI document. The HTML of the package
 * starts that script by an inline script, which a strict content security policy refuses.
 */
import type { ApiReferenceConfiguration } from '@scalar/fastify-api-reference'
import { pageHeaders } from '../../services/access/page-headers.ts'

/** Turns off everything that calls the hosts of the maker or advertises its services. */
const CONFIGURATION = {
  withDefaultFonts: false,
  telemetry: false,
  showDeveloperTools: 'never',
  hideClientButton: true,
  agent: { disabled: true },
  mcp: { disabled: true },
  // Links to the document itself instead of a copy that the page makes.
  documentDownloadType: 'direct',
  // The schemas list members in the order of their importance.
  orderSchemaPropertiesBy: 'preserve',
  defaultHttpClient: { targetKey: 'shell', clientKey: 'curl' }
} satisfies Partial<ApiReferenceConfiguration>

/** The path of the script that starts the page, relative to that of Spillway. */
const START_PATH = '/docs/js/start.js'

export interface ReferencePage {
  /** The HTML of the page. It has no inline script. */
  readonly html: string
  readonly startPath: string
  readonly startScript: string
}

/** Returns the page of a service with this path prefix, and the script that starts it. */
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

/** Scalar writes styles into the page and its elements, and draws icons from data URLs; scripts are files. */
export const PAGE_HEADERS = {
  ...pageHeaders({ 'style-src': "'self' 'unsafe-inline'", 'img-src': "'self' data:" }),
  // Browsers revalidate it each time, so the first reload shows the page of a new version.
  'cache-control': 'no-cache'
}
