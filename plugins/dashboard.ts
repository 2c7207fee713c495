import { createRequire } from 'node:module'
import { dirname, extname, join } from 'node:path'
import staticFiles from '@fastify/static'
import type { FastifyReply } from 'fastify'
import fp from 'fastify-plugin'
import { pageHeaders } from '../services/access/page-headers.ts'

const FILES = join(import.meta.dirname, '../dashboard')
const UPLOT = dirname(createRequire(import.meta.url).resolve('uplot'))

/** What of the folder is for browsers; its types are not. */
const SERVED = new Set(['.css', '.html', '.js', '.svg'])

/** No text ever becomes markup or script. */
const HEADERS = {
  ...pageHeaders({ 'require-trusted-types-for': "'script'", 'trusted-types': "'none'" }),
  // Kept, and asked about by its etag each time: the page of a new version is there with the first reload.
  'cache-control': 'no-cache'
}

export default fp(async (fastify) => {
  await fastify.register(async (scope) => {
    await scope.register(staticFiles, {
      root: FILES,
      prefix: '/dashboard/',
      cacheControl: false,
      index: false,
      allowedPath: (path) => SERVED.has(extname(path)),
      setHeaders: (reply) => { reply.headers(HEADERS) }
    })
    const send = (file: string, root = FILES) => async (_request: unknown, reply: FastifyReply) => reply.sendFile(file, root)
    scope.get('/dashboard', { schema: { hide: true } }, send('index.html'))
    scope.get('/dashboard/vendor/uplot.js', { schema: { hide: true } }, send('uPlot.iife.min.js', UPLOT))
    scope.get('/dashboard/vendor/uplot.css', { schema: { hide: true } }, send('uPlot.min.css', UPLOT))
  })
  fastify.get('/', { schema: { hide: true } }, async (_request, reply) => reply.redirect('/dashboard', 302))
}, { name: 'dashboard' })
