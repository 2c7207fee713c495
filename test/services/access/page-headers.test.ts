import t from 'tap'
import { pageHeaders } from '../../../services/access/page-headers.ts'
import { startApp } from '../../app.ts'

const POLICY =
  "default-src 'self'; script-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; object-src 'none'"

t.test('a page loads from its own process, runs its own scripts, and is not framed', async (t) => {
  t.match(pageHeaders(), {
    'content-security-policy': POLICY,
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY'
  })
})

t.test('directives of one page replace or complete those of every page', async (t) => {
  const { 'content-security-policy': policy } = pageHeaders({ 'base-uri': "'self'", 'img-src': "'self' data:" })
  t.equal(policy, `${POLICY.replace("base-uri 'none'", "base-uri 'self'")}; img-src 'self' data:`)
})

t.test('every page and script of ours carries them', async (t) => {
  const { app } = await startApp(t)
  const paths = [
    '/docs', '/docs/', '/docs/js/scalar.js', '/docs/js/start.js', '/dashboard', '/dashboard/main.js', '/admin/queues'
  ]
  // The second answer to each path comes from memory and carries them too.
  for (const path of [...paths, ...paths]) {
    const { statusCode, headers } = await app.inject(path)
    t.equal(statusCode, 200, path)
    t.match(headers, {
      'content-security-policy': /^default-src 'self'; script-src 'self'; .*frame-ancestors 'none'/,
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY'
    }, path)
    t.notMatch(headers['content-security-policy'], /script-src[^;]*unsafe|http|\*/, path)
  }
})
