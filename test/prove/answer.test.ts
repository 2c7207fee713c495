import t from 'tap'
import { readAnswer } from '../../prove/answer.ts'
import type { Level } from '../../prove/oracle.ts'
import type { Form } from '../../prove/request.ts'

const request = (form: Form, events = 1, level: Level = 'queued') => ({ form, level, priorities: Array.from({ length: events }, () => 5) })

t.test('of a single event', async (t) => {
  const table: [status: number, body: unknown, levels: Level[]][] = [
    [202, { status: 'accepted', durability: 'synced' }, ['synced']],
    [202, { status: 'accepted' }, ['queued']],
    [202, { status: 'duplicate', id: 'x' }, ['queued']],
    [202, { status: 'accepted', durability: 'engraved' }, ['queued']],
    [503, { reason: 'circuit-open' }, []],
    [501, {}, []],
    [207, { status: 'accepted' }, []],
    [500, undefined, []]
  ]
  for (const [status, body, levels] of table) {
    const { obligations, contradiction } = readAnswer(request('single'), status, body)
    t.strictSame(obligations.map(({ level }) => level), levels, `${status} ${JSON.stringify(body)}`)
    t.equal(contradiction, undefined)
  }
  t.match(readAnswer(request('single'), 202, { status: 'shed' }).contradiction, 'shed')
  t.match(readAnswer(request('single'), 202, undefined).contradiction, 'without a body')
})

t.test('of an array, by its results', async (t) => {
  const results = [
    { index: 0, status: 'accepted', durability: 'spooled' }, { index: 1, status: 'shed' }, { index: 2, status: 'duplicate' }, { index: 3, status: 'invalid' }
  ]
  t.strictSame(readAnswer(request('array', 4), 207, { accepted: 1, duplicate: 1, results }), { obligations: [{ index: 0, level: 'spooled' }, { index: 2, level: 'queued' }] })
  t.match(readAnswer(request('array', 4), 207, { accepted: 2, duplicate: 1, results }).contradiction, 'its results say 2')
  t.strictSame(readAnswer(request('array', 4), 503, { accepted: 0, results }).obligations, [])
})

t.test('of a stream, all lines that are not listed', async (t) => {
  const indexes = (body: object, events = 4) => readAnswer(request('stream', events), 207, body).obligations.map(({ index }) => index)
  t.strictSame(indexes({ accepted: 4, results: [] }), [0, 1, 2, 3])
  t.strictSame(indexes({ accepted: 2, results: [{ index: 1, line: 2, status: 'shed' }, { index: 3, line: 4, status: 'shed' }] }), [0, 2])
  t.strictSame(indexes({ accepted: 2, results: [], stoppedAfterLine: 2 }), [0, 1])
  t.strictSame(indexes({ accepted: 3, results: [{ index: 1, status: 'shed' }], resultsTruncated: true }), [], 'nobody can tell which')
})

t.test('of a stream, with the weakest level that is named', async (t) => {
  const table: [asked: Level, counts: object, met: Level][] = [
    ['synced', {}, 'synced'],
    ['synced', { durability: { queued: 0, synced: 2, spooled: 0 } }, 'synced'],
    ['synced', { durability: { queued: 1, synced: 1, spooled: 0 } }, 'queued'],
    ['queued', { durability: { queued: 0, synced: 0, spooled: 2 } }, 'spooled'],
    ['spooled', { durability: { spooled: 1 }, accepted: 1, duplicate: 1 }, 'queued']
  ]
  for (const [asked, counts, met] of table) {
    const { obligations } = readAnswer(request('stream', 2, asked), 202, { accepted: 2, results: [], ...counts })
    t.strictSame(obligations, [{ index: 0, level: met }, { index: 1, level: met }], JSON.stringify(counts))
  }
})
