import t from 'tap'
import { readAnswer } from '../../../clients/typescript/answer.ts'
import { SpillwayClient } from '../../../clients/typescript/client.ts'
import { post, startApp } from '../../app.ts'

t.test("a 409 is the end of an event whose id is another event's, and asks for patience with one in flight", async (t) => {
  const errors = [{ field: 'priority', message: 'stored with priority 5' }]
  const results = [{ status: 'invalid', id: 'a', reason: 'identity-conflict', errors }]
  for (const body of [{ reason: 'identity-conflict', errors }, { reason: 'identity-conflict', errors, results }]) {
    t.match(readAnswer(409, undefined, JSON.stringify(body), ['a']), {
      outcomes: [{ result: { status: 'invalid', reason: 'identity-conflict', errors }, isFinal: true }],
      hold: 'none'
    })
  }
  for (const body of ['{"reason":"in-flight"}', '{}', '']) {
    t.match(readAnswer(409, 1, body, ['a']), {
      outcomes: [{ result: { status: 'unanswered' }, isFinal: false }],
      holdSeconds: 1
    })
  }
})

t.test('a refusal because of load is shed whatever its status, and a 429 without that type is a quota', async (t) => {
  const type = 'https://iana.org/assignments/http-problem-types#temporary-reduced-capacity'
  const quota = 'https://iana.org/assignments/http-problem-types#quota-exceeded'
  const load = { type, reason: 'circuit-open', retryAfterSeconds: 7 }
  const results = [{ status: 'shed', reason: 'circuit-open', retryAfterSeconds: 9 }]
  const table: [status: number, body: object, result: string, hold: string, isFinal: boolean][] = [
    [503, load, 'shed', 'class', false],
    [429, load, 'shed', 'class', false],
    [503, { ...load, results }, 'shed', 'class', false],
    [429, { ...load, results }, 'shed', 'class', false],
    [503, { type, reason: 'would-expire' }, 'would-expire', 'none', true],
    [429, { type, reason: 'would-expire' }, 'would-expire', 'none', true],
    [429, { type: quota, reason: 'too-many-key-streams' }, 'quota', 'class', false],
    [429, { type: 'urn:spillway:problem:key-busy', reason: 'key-busy' }, 'quota', 'class', false],
    [429, {}, 'quota', 'class', false],
    [503, {}, 'unanswered', 'all', false]
  ]
  for (const [status, body, expected, hold, isFinal] of table) {
    t.match(readAnswer(status, 7, JSON.stringify(body), ['a']), {
      outcomes: [{ result: { status: expected }, isFinal }], hold
    }, `${status} ${JSON.stringify(body)}`)
  }
})

t.test('the service says so, and the client does not repeat it', async (t) => {
  const { app } = await startApp(t)
  const url = await app.listen({ host: '127.0.0.1', port: 0 })
  let requests = 0
  const client = new SpillwayClient({
    url,
    fetch: async (input, init) => {
      requests++
      return await fetch(input, init)
    }
  })
  t.teardown(() => client.close({ signal: AbortSignal.abort() }))
  await post(app, { type: 'x', payload: 1, id: 'a', priority: 5 })
  t.match(await client.send({ type: 'x', payload: 1, id: 'a', priority: 1 }), {
    status: 'invalid', reason: 'identity-conflict', errors: [{ field: 'priority' }]
  })
  t.equal(requests, 1)
})
