import { readdir } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join, relative } from 'node:path'
import type { FastifyReply, FastifyRequest, RouteOptions } from 'fastify'
import fp from 'fastify-plugin'
import { pageHeaders } from '../services/access/page-headers.ts'
import { isForBrowsers, PreparedFiles } from '../services/answer/prepared-files.ts'

const FILES = join(import.meta.dirname, '../dashboard')
const UPLOT = dirname(createRequire(import.meta.url).resolve('uplot'))
const PAGE = 'index.html'

/** The policy never lets text become markup or script. */
const HEADERS = {
  ...pageHeaders({ 'require-trusted-types-for': "'script'", 'trusted-types': "'none'" }),
  // Browsers keep it and revalidate its ETag each time, so the first reload shows the page of a new version.
  'cache-control': 'no-cache'
}

/** A browser asks its user for a key as password. */
const ROUTE: Pick<RouteOptions, 'schema' | 'config'> = { schema: { hide: true }, config: { scope: 'read' } }

export interface DashboardOptions {
  /** Whether Spillway redirects a request for its root to the page. */
  isHome: boolean
}

export default fp<DashboardOptions>(async (fastify, { isHome }) => {
  const { rootPath } = fastify
  const files = new PreparedFiles(await paths(), () => performance.now())
  await files.load()
  const send = async (name: string, reply: FastifyReply) => {
    const file = await files.get(name)
    return file === undefined ? reply.callNotFound() : reply.headers(HEADERS).prepared(file)
  }
  const redirect = async (_request: FastifyRequest, reply: FastifyReply) => reply.redirect(`${rootPath}/dashboard`, 302)
  // The page refers to its files relative to its path, which therefore has to end without a slash.
  fastify.get(
    '/dashboard',
    ROUTE,
    async (request, reply) => pathOf(request).endsWith('/') ? redirect(request, reply) : await send(PAGE, reply)
  )
  fastify.get(
    '/dashboard/*',
    ROUTE,
    async (request: FastifyRequest<{ Params: { '*': string } }>, reply) =>
      // A host may tell paths with a slash at their end from those without.
      request.params['*'] === '' ? await redirect(request, reply) : await send(request.params['*'], reply)
  )
  if (isHome) fastify.get('/', ROUTE, redirect)
}, { name: 'dashboard', dependencies: ['config', 'prepared-answers'] })

const pathOf = ({ url }: FastifyRequest) => url.split('?', 1)[0] as string

/** The path of each file by its name in the URL. The types beside them are not for browsers. */
async function paths (): Promise<Map<string, string>> {
  const entries = await readdir(FILES, { recursive: true, withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile() && isForBrowsers(entry.name))
    .map(({ parentPath, name }) => join(parentPath, name))
  return new Map([
    ...files.map((path): [string, string] => [relative(FILES, path), path]),
    ['vendor/uplot.js', join(UPLOT, 'uPlot.iife.min.js')],
    ['vendor/uplot.css', join(UPLOT, 'uPlot.min.css')]
  ])
}
