import t from 'tap'
import { welcome, type Started } from '../../server/welcome.ts'

const STARTED: Started = {
  url: 'http://127.0.0.1:3000', operatorUrl: 'http://127.0.0.1:3000', hasRedis: true, needsKey: false,
  needsOperator: false, handlers: ['delivery']
}

t.test('shows a command that posts an event, with the header of a key only if one is needed', async (t) => {
  t.match(welcome(STARTED), "curl -i http://127.0.0.1:3000/api/v1/events -H 'content-type: application/json' -d")
  t.notMatch(welcome(STARTED), /SPILLWAY_KEY|SPILLWAY_TOKEN|operators|Redis|printed here/)
  const guarded = welcome({ ...STARTED, needsKey: true, needsOperator: true })
  t.match(guarded, `/api/v1/events -H "authorization: Bearer $SPILLWAY_KEY" -H 'content-type`)
  t.match(guarded, /\n\n {2}Set SPILLWAY_KEY to an API key[^\n]+\n {2}Set SPILLWAY_TOKEN to ADMIN_TOKEN, or/)
})

t.test('names the port of each address', async (t) => {
  const operatorUrl = 'http://127.0.0.1:3002'
  const text = welcome({ ...STARTED, operatorUrl, hasRedis: false, handlers: ['show'] })
  t.match(text, 'listening at http://127.0.0.1:3000, and for operators at http://127.0.0.1:3002\n')
  t.strictSame([...text.matchAll(/http:\/\/127\.0\.0\.1:3000\S*/g)].map(([url]) => url), [
    'http://127.0.0.1:3000,', 'http://127.0.0.1:3000/api/v1/events'
  ])
  for (const part of [
    `tail --payload --url ${operatorUrl}\n`, `${operatorUrl}/dashboard\n`, `${operatorUrl}/docs\n`,
    `npx spillway doctor --url ${operatorUrl}\n`, 'Your events are printed here'
  ]) t.match(text, part)
})
