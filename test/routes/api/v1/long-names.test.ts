import t from 'tap'
import { startApp } from '../../../app.ts'

t.test('whatever an answer quotes is cut, and its errors are few', async (t) => {
  const { app } = await startApp(t)
  const long = 'n'.repeat(3_000)
  const names = Object.fromEntries(Array.from({ length: 100 }, (_, index) => [`${long}${index}`, 1]))
  const post = (url: string, payload: object, contentType = 'application/json') =>
    app.inject({ method: 'POST', url, headers: { 'content-type': contentType }, payload: JSON.stringify(payload) })
  const answers = {
    event: await post('/api/v1/events', { type: 'x', payload: 1, ...names }),
    cloudEvent: await post(
      '/api/v1/events',
      { specversion: '1.0', id: '1', source: '/s', type: 'x', [long]: 1 },
      'application/cloudevents+json'
    ),
    reading: await post('/api/v1/datastreams', { deviceId: 'd', values: names }),
    array: await post('/api/v1/events/batch', [{ type: 'x', payload: 1, ...names }]),
    replay: await post('/api/v1/dead-letters/replay', { filter: names }),
    list: await app.inject(`/api/v1/dead-letters?${long}=1`),
    rebase: await post('/api/v1/metrics/ledger/rebase', { reason: 'x', [long]: 1 }),
    nowhere: await app.inject(`/api/v1/${long}`),
    mediaType: await post('/api/v1/events', {}, `text/${long}`),
    charset: await post('/api/v1/events', {}, `application/json; charset=${long}`),
    encoding: await app.inject({
      method: 'POST',
      url: '/api/v1/events',
      headers: { 'content-type': 'application/json', 'content-encoding': long },
      payload: '{}'
    })
  }
  for (const [what, { statusCode, body }] of Object.entries(answers)) {
    t.ok(statusCode >= 400 && statusCode < 500, `${what}: ${statusCode}`)
    t.ok(body.length < 12_000, `${what}: ${body.length} characters`)
    t.notOk(body.includes('n'.repeat(257)), what)
  }
})
