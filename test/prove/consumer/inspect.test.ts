import { createHmac } from 'node:crypto'
import t from 'tap'
import { inspectCall } from '../../../prove/consumer/inspect.ts'
import { factsOf } from '../../../prove/event/facts.ts'

const SECRET = 'whsec_c2VjcmV0LW9mLXRoZS10ZXN0'
const facts = (sequence: number) => ({
  ...factsOf(1, sequence, { form: 'structured', identity: 'own', bias: 'none' }),
  time: undefined,
  attributes: {},
  organizationId: undefined,
  type: 'proof',
  priority: 5,
  payload: `{"sequence":${sequence}}`
})
const delivered = (sequence: number, changed: object = {}) => ({
  specversion: '1.0',
  id: facts(sequence).ownId,
  source: facts(sequence).source,
  type: 'proof',
  time: '1970-01-01T00:00:01Z',
  datacontenttype: 'application/json',
  priority: 5,
  attempt: 1,
  data: { sequence }, ...changed
})

function inspect (body: string, { type = 'application/cloudevents-batch+json', signed = body } = {}) {
  const digest = createHmac('sha256', Buffer.from(SECRET.slice(6), 'base64')).update(`m.1.${signed}`).digest('base64')
  return inspectCall(
    { 'content-type': type, 'webhook-id': 'm', 'webhook-timestamp': '1', 'webhook-signature': `v1,${digest}` },
    Buffer.from(body),
    {
      secret: SECRET,
      nowSeconds: 1,
      toleranceSeconds: 5,
      recall: (sequence) =>
        sequence > 9 ? undefined : {
          facts: facts(sequence),
          known: {
            answeredIds: [],
            deliveredId: undefined,
            attempt: 0,
            isDisturbed: false,
            postedAfter: 0,
            postedBefore: 2_000,
            expiresAt: undefined,
            begunAfter: 1_000
          }
        }
    }
  )
}

t.test('a call that is as it has to be has no problems', async (t) => {
  const { events, problems } = inspect(JSON.stringify([delivered(1), delivered(2)]))
  t.strictSame(problems, [])
  t.strictSame(events.map(({ sequence }) => sequence), [1, 2])
})

t.test('each fault of a call is told by its check', async (t) => {
  const checks = (...args: Parameters<typeof inspect>) => [
    ...new Set(inspect(...args).problems.map(({ check }) => check))
  ]
  const good = JSON.stringify([delivered(1)])
  t.strictSame(checks(good, { signed: 'another' }), ['signature'])
  t.strictSame(checks(good, { type: 'application/json' }), ['call'])
  t.strictSame(checks('[]'), ['call'])
  t.strictSame(checks('[1'), ['call'])
  t.strictSame(checks(JSON.stringify([delivered(1), delivered(1)])), ['call'])
  t.strictSame(checks(JSON.stringify([delivered(1), delivered(2, { priority: 4 })])), ['call', 'priority'])
  t.strictSame(checks(JSON.stringify([delivered(12)])), ['strange'])
  t.strictSame(checks(JSON.stringify([delivered(1, { id: 'x' })])), ['id'])
})
