import t from 'tap'
import { startApp } from '../../../app.ts'

const ROUTES = ['/api/v1/events', '/api/v1/events/batch']
const ASKING = {
  'webhook-request-origin': 'sender.example.com',
  'webhook-request-rate': '300',
  'webhook-request-callback': 'https://sender.example.com/confirm?key=k'
}

t.test('a handshake is answered at once, on every route that takes CloudEvents', async (t) => {
  const { app } = await startApp(t, {
    env: { WEBHOOK_ALLOWED_ORIGINS: 'sender.example.com,other.example', WEBHOOK_ALLOWED_RATE: '120' }
  })
  for (const url of ROUTES) {
    const granted = await app.inject({ method: 'OPTIONS', url, headers: ASKING })
    t.match([granted.statusCode, granted.body, granted.headers], [200, '', {
      allow: /OPTIONS, POST$/, 'webhook-allowed-origin': 'sender.example.com', 'webhook-allowed-rate': '120'
    }], url)
    const refused = await app.inject({
      method: 'OPTIONS',
      url,
      headers: { ...ASKING, 'webhook-request-origin': 'stranger.example' }
    })
    t.match([refused.statusCode, refused.json()], [403, {
      type: 'urn:spillway:problem:origin-not-allowed',
      detail: /WEBHOOK_ALLOWED_ORIGINS/
    }])
    const plain = await app.inject({ method: 'OPTIONS', url })
    t.match([plain.statusCode, plain.headers.allow], [200, /OPTIONS, POST$/])
    for (const { headers } of [refused, plain])
      t.notOk('webhook-allowed-origin' in headers || 'webhook-allowed-rate' in headers, 'no consent')
  }
})

t.test('nothing consents unless origins are configured', async (t) => {
  const { app } = await startApp(t)
  for (const url of ROUTES) {
    const { statusCode, headers } = await app.inject({ method: 'OPTIONS', url, headers: ASKING })
    t.equal(statusCode, 204, 'the methods of the path, and no consent')
    t.notOk('webhook-allowed-origin' in headers)
  }
})
