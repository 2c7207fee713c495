import t from 'tap'
import { intakeContext, priorityBeforeBody } from '../../../services/intake/intake-context.ts'

const NOW = Date.parse('2026-03-01T10:00:00.000Z')

t.test('takes from the headers what they say of the events', async (t) => {
  const table: [headers: Record<string, string>, context: object][] = [
    [{}, { priority: undefined, type: undefined }],
    [{ 'x-event-priority': '3' }, { priority: 3, type: undefined }],
    [{ 'x-event-type': 'alarm' }, { priority: undefined, type: 'alarm' }],
    [{ 'x-event-priority': '10', 'x-event-type': '' }, { priority: 10, type: undefined }],
    [{ 'x-event-durability': 'synced', 'idempotency-key': 'k' }, { priority: undefined, type: undefined, durability: 'synced', idempotencyKey: 'k' }]
  ]
  for (const [headers, context] of table) {
    t.strictSame(intakeContext(headers, NOW), { ok: true, context: { idempotencyKey: undefined, durability: 'queued', trace: undefined, ...context, receivedAt: '2026-03-01T10:00:00.000Z' } })
  }
})

t.test('names every header that is wrong', async (t) => {
  t.strictSame(intakeContext({ 'x-event-priority': '0', 'x-event-durability': 'forever', 'idempotency-key': 'k'.repeat(257) }, NOW), {
    ok: false,
    errors: [
      { field: 'X-Event-Priority', message: 'Expected an integer from 1 to 10' },
      { field: 'X-Event-Durability', message: 'Expected one of queued, synced, spooled' },
      { field: 'Idempotency-Key', message: 'Expected 1 to 256 characters' }
    ]
  })
  t.strictSame(intakeContext({ 'x-event-priority': 'high' }, NOW), {
    ok: false, errors: [{ field: 'X-Event-Priority', message: 'Expected an integer from 1 to 10' }]
  })
})

t.test('knows the priority before the body from the header first, and nothing from one that is wrong', async (t) => {
  const table: [header: string | undefined, otherwise: number | undefined, priority: number | undefined][] = [
    [undefined, undefined, undefined], [undefined, 7, 7], [undefined, NaN, undefined],
    ['2', undefined, 2], ['2', 7, 2], ['high', 7, undefined], ['high', undefined, undefined]
  ]
  for (const [header, otherwise, priority] of table) {
    t.equal(priorityBeforeBody({ 'x-event-priority': header }, () => otherwise), priority, `${header}, ${otherwise}`)
  }
  t.equal(priorityBeforeBody({}), undefined)
})
