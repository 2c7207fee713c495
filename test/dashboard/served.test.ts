import { globSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import t from 'tap'
import { startApp } from '../app.ts'

const FOLDER = join(import.meta.dirname, '../../dashboard')

t.test('serves the page and all that it asks for, for browsers to ask about each time', async (t) => {
  const { app } = await startApp(t)
  const page = await app.inject('/dashboard')
  t.equal(page.statusCode, 200)
  t.match(page.headers, {
    'content-type': /^text\/html/, 'cache-control': 'no-cache', etag: /./, 'x-content-type-options': 'nosniff',
    'content-security-policy': /^default-src 'self'; .*frame-ancestors 'none'/
  })
  t.notMatch(page.headers['content-security-policy'], /unsafe|http/)
  t.equal(
    (await app.inject({ url: '/dashboard', headers: { 'if-none-match': page.headers.etag as string } })).statusCode,
    304
  )
  const asked = [...page.body.matchAll(/<(?:link|script)[^>]* (?:src|href)="([^"]+)"/g)].map(([, path]) =>
    path as string
  )
  const imported = globSync('**/*.js', { cwd: FOLDER }).flatMap((file) =>
    [...readFileSync(join(FOLDER, file), 'utf8').matchAll(/^import .* from '(.+)'$/gm)].map(([, path]) =>
      normalize(join('/dashboard', dirname(file), path as string))
    )
  )
  t.ok(asked.length > 5 && imported.length > 20)
  for (const path of new Set([...asked, ...imported])) {
    const { statusCode, headers } = await app.inject(path)
    t.equal(statusCode, 200, path)
    t.match(headers['content-type'], /^(text\/css|application\/javascript|text\/javascript|image\/svg)/, path)
    t.ok(headers['content-security-policy'], path)
  }
  t.notMatch(page.body, /<script(?![^>]*src=)|\son\w+=|style=/, 'nothing in the page is inline')
})

t.test('serves nothing else', async (t) => {
  const { app } = await startApp(t)
  for (const path of ['contract.d.ts', 'tsconfig.json', '../package.json', '..%2fpackage.json', 'style', 'none.js']) {
    t.equal((await app.inject(`/dashboard/${path}`)).statusCode, 404, path)
  }
})

t.test('leads from the root to the page', async (t) => {
  const { app } = await startApp(t)
  t.match(await app.inject('/'), { statusCode: 302, headers: { location: '/dashboard' } })
})

t.test('a process that is only a worker has no page', async (t) => {
  const { app } = await startApp(t, { env: { ROLE: 'worker' } })
  for (const path of ['/', '/dashboard', '/dashboard/main.js']) t.equal((await app.inject(path)).statusCode, 404, path)
})

t.test('nothing on the page parses text as markup, or asks another host', async (t) => {
  for (const file of globSync('**/*.{js,html,css}', { cwd: FOLDER })) {
    const text = readFileSync(join(FOLDER, file), 'utf8')
    t.notMatch(text, /innerHTML|outerHTML|insertAdjacentHTML|document\.write|DOMParser|\beval\b/, file)
    t.notMatch(
      text.replaceAll(/\bhttps?:\/\/(?:www\.w3\.org\/2000\/svg|html\.spec\.whatwg\.org)/g, ''),
      /https?:\/\//,
      file
    )
  }
})
