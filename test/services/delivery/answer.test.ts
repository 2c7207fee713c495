import fc from 'fast-check'
import t from 'tap'
import { readAnswer, type Verdict } from '../../../services/delivery/answer.ts'

const IDS = ['a', 'b']
const MOST_WAIT_MS = 300_000

function read (
  status: number,
  { retryAfter = null, body = '', ids = IDS }: {
    retryAfter?: string | null,
    body?: string | undefined,
    ids?: string[]
  } = {}
): Verdict {
  return readAnswer({ status, retryAfter, body }, ids, 0, MOST_WAIT_MS)
}

function results (...list: unknown[]): string { return JSON.stringify({ results: list }) }

t.test('maps a status to an outcome for every event, or to a refusal of the call', async (t) => {
  const done = { status: 'done' }
  const refused = (fate: string, status: number) => ({
    kind: 'refused', refusal: { fate, reason: `consumer answered ${status}` }
  })
  for (const status of [200, 201, 202, 204, 206, 208, 226]) {
    t.strictSame(read(status), { kind: 'decided', outcomes: [done, done] }, String(status))
  }
  for (const status of [300, 301, 302, 304, 307, 308, 400, 401, 403, 404, 409, 410, 422]) {
    t.strictSame(read(status), refused('dead', status), String(status))
  }
  for (const status of [408, 425, 500, 501, 502, 504, 520, 599]) {
    t.strictSame(read(status), refused('retry', status), String(status))
  }
  t.strictSame(read(413), {
    kind: 'refused',
    refusal: { fate: 'dead', reason: 'consumer answered 413', isAboutSize: true }
  })
})

t.test('knows for how long a consumer that is busy asks to wait', async (t) => {
  for (const status of [429, 503]) {
    for (const [retryAfter, waitMs] of [
      ['7', 7_000], [null, 1_000], ['Thu, 01 Jan 1970 00:00:09 GMT', 9_000], ['1000000000', MOST_WAIT_MS]
    ] as const) {
      t.strictSame(
        read(status, { retryAfter }),
        { kind: 'refused', refusal: { fate: 'put-off', reason: `consumer answered ${status}`, waitMs } },
        `${status} ${retryAfter}`
      )
    }
  }
})

t.test('quotes the beginning of what a consumer says about a refusal, on one line', async (t) => {
  const reasonOf = (body: string | undefined) => {
    const { reason, detail } = (read(422, { body, ids: ['a'] }) as Extract<Verdict, { kind: 'refused' }>).refusal
    t.equal(reason, 'consumer answered 422', 'what may be logged has no word of it')
    return detail
  }
  t.equal(reasonOf('no such\n\tdevice \u0000'), 'consumer answered 422: no such device')
  t.equal(reasonOf('x'.repeat(500)), `consumer answered 422: ${'x'.repeat(200)}…`)
  t.equal(reasonOf(undefined), undefined)
})

t.test('takes a 207 event by event', async (t) => {
  const retryMissing = { status: 'retry', reason: 'consumer answered 207 without a result for this event' }
  const retry = { status: 'retry', reason: 'consumer answered retry' }
  const dead = { status: 'dead', reason: 'consumer answered dead' }
  const done = { status: 'done' }
  const table: [name: string, ids: string[], body: string, outcomes: object[]][] = [
    [
      'each its own',
      ['a', 'b', 'c'],
      results({ id: 'c', status: 'dead' }, { id: 'a', status: 'done' }, { id: 'b', status: 'retry' }),
      [done, retry, dead]
    ],
    ['missing ones are retried', ['a', 'b'], results({ id: 'a', status: 'done' }), [done, retryMissing]],
    ['an empty list retries all', ['a'], results(), [retryMissing]],
    ['strangers are ignored', ['a'], results({ id: 'z', status: 'dead' }, { id: 'a', status: 'done' }), [done]],
    ['the same id gets the same answer', ['a', 'a'], results({ id: 'a', status: 'done' }), [done, done]],
    [
      'of two results the more careful counts',
      ['a', 'b'],
      results({ id: 'a', status: 'retry' }, { id: 'a', status: 'done' }, { id: 'b', status: 'done' }, {
        id: 'b',
        status: 'dead'
      }),
      [retry, dead]
    ],
    ['an unknown status is no result', ['a'], results({ id: 'a', status: 'ok' }), [retryMissing]],
    ['an id that is no text is no result', ['1'], results({ id: 1, status: 'done' }), [retryMissing]],
    ['entries that are no objects are ignored', ['a'], results(null, 5, 'a', { id: 'a', status: 'done' }), [done]],
    ['a reason is passed on', ['a'], results({ id: 'a', status: 'dead', reason: 'unknown device' }), [{
      status: 'dead',
      reason: 'consumer answered dead',
      detail: 'consumer answered dead: unknown device'
    }]],
    [
      'names of prototype members are only names',
      ['constructor', '__proto__'],
      results({ id: '__proto__', status: 'done' }),
      [retryMissing, done]
    ]
  ]
  for (const [name, ids, body, outcomes] of table) {
    t.strictSame(read(207, { ids, body }), { kind: 'decided', outcomes }, name)
  }
})

t.test('retries all when a 207 lists no results', async (t) => {
  const refused = {
    kind: 'refused',
    refusal: { fate: 'retry', reason: 'consumer answered 207 with a body that lists no results' }
  }
  for (const body of ['', 'ok', 'null', '[]', '{}', '{"results":{}}', '{"results":[']) {
    t.strictSame(read(207, { body }), refused, body)
  }
  t.strictSame(
    readAnswer({ status: 207, retryAfter: null, body: undefined }, IDS, 0, MOST_WAIT_MS),
    refused,
    'a body that was cut off'
  )
})

t.test('answers one outcome per event, and never done for what a 207 does not call done', async () => {
  const id = fc.constantFrom('a', 'b', 'c', 'd')
  const result = fc.record({ id, status: fc.constantFrom('done', 'retry', 'dead', 'other') })
  fc.assert(fc.property(fc.array(id), fc.array(result), (ids, list) => {
    const { outcomes } = read(207, { ids, body: results(...list) }) as Extract<Verdict, { kind: 'decided' }>
    return outcomes.length === ids.length && outcomes.every((outcome, index) =>
      outcome.status !== 'done' ||
      list.filter((entry) => entry.id === ids[index] && entry.status !== 'other').every(({ status }) =>
        status === 'done'
      )
    )
  }))
  fc.assert(fc.property(
    fc.array(id),
    fc.integer({ min: 200, max: 599 }),
    fc.option(fc.string()),
    fc.string(),
    (ids, status, retryAfter, body) => {
      const verdict = readAnswer({ status, retryAfter, body }, ids, 0, MOST_WAIT_MS)
      return verdict.kind === 'refused'
        ? status < 200 || status > 299 || status === 207
        : verdict.outcomes.length === ids.length
    }
  ))
})
