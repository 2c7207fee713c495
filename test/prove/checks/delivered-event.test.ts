import t from 'tap'
import { compareEvent, sequencesIn, type Circumstances } from '../../../prove/checks/delivered-event.ts'
import { FIRST_TIME_MS, type EventFacts } from '../../../prove/event/facts.ts'
import { membersOf } from '../../../prove/event/json-text.ts'

const FACTS: EventFacts = {
  form: 'structured',
  identity: 'own',
  bias: 'none',
  sequence: 7,
  type: 'proof',
  typeBy: 'body',
  priority: 3,
  priorityBy: 'body',
  organizationId: 'acme',
  ownId: 'proof-7',
  source: '/proof/0',
  time: undefined,
  attributes: { mark: 'm7', number: 1 },
  payload: '{"sequence":7,"big":12345678901234567890}',
  doom: 'none',
  leftMs: undefined
}
const KNOWN: Circumstances = {
  answeredIds: [], deliveredId: undefined, attempt: 0, isDisturbed: false, postedAfter: 1_000, postedBefore: 2_000,
  expiresAt: undefined, begunAfter: 1_500
}
const DELIVERED = {
  specversion: '"1.0"',
  id: '"proof-7"',
  source: '"/proof/0"',
  type: '"proof"',
  time: '"1970-01-01T00:00:01.500Z"',
  datacontenttype: '"application/json"',
  priority: '3',
  organizationid: '"acme"', attempt: '1', mark: '"m7"', number: '1', data: FACTS.payload as string
}

const members = (changed: Record<string, string | undefined> = {}) =>
  membersOf(
    `{${Object.entries({ ...DELIVERED, ...changed })
      .flatMap(([name, text]) => (text === undefined ? [] : [`"${name}":${text}`]))
      .join(',')}}`
  )
const checks = (
  changed: Record<string, string | undefined>, known: Partial<Circumstances> = {}, facts: Partial<EventFacts> = {}
) => compareEvent(members(changed), { ...FACTS, ...facts }, { ...KNOWN, ...known }).map(({ check }) => check)

t.test('an event that arrives as it was posted is right', async (t) => {
  t.strictSame(checks({}), [])
  t.strictSame(checks({ data: undefined, datacontenttype: undefined }, {}, { payload: undefined }), [])
  t.strictSame(checks({ attempt: '4' }, { isDisturbed: true }), [])
  t.strictSame(checks({ attempt: '4' }, { attempt: 3 }), [])
  t.strictSame(checks({ id: '"made"' }, { answeredIds: ['made'] }, { ownId: undefined }), [])
})

t.test('each part of an event that arrives otherwise is told by its check', async (t) => {
  const table: [changed: Record<string, string | undefined>, check: string][] = [
    [{ id: '"proof-8"' }, 'id'],
    [{ type: '"proof2"' }, 'type'],
    [{ priority: '4' }, 'priority'],
    [{ priority: '"3"' }, 'priority'],
    [{ organizationid: undefined }, 'organization'],
    [{ organizationid: '"other"' }, 'organization'],
    [{ mark: '"m8"' }, 'attributes'],
    [{ number: '"1"' }, 'attributes'],
    [{ more: '1' }, 'attributes'],
    [{ source: '"/spillway"' }, 'attributes'],
    [{ specversion: '"0.3"' }, 'attributes'],
    [{ datacontenttype: undefined }, 'attributes'],
    [{ data: '{"sequence":7,"big":12345678901234567000}' }, 'payload'],
    [{ data: undefined }, 'payload'],
    [{ data: '{ "sequence":7,"big":12345678901234567890}' }, 'payload'],
    [{ time: '"1970-01-01T00:00:03Z"' }, 'time'],
    [{ time: '"soon"' }, 'time'],
    [{ attempt: '2' }, 'attempt'],
    [{ attempt: '0' }, 'attempt'],
    [{ attempt: undefined }, 'attempt']
  ]
  for (const [changed, check] of table) t.strictSame(checks(changed), [check], JSON.stringify(changed))
  t.strictSame(checks({ attempt: '2' }, { attempt: 3 }), ['attempt'])
  t.strictSame(checks({}, {}, { time: '2020-01-01T00:00:00Z' }), ['time'])
  t.strictSame(
    compareEvent(
      membersOf(
        `{${Object.entries(DELIVERED)
          .map(([name, text]) => `"${name}":${text}`)
          .join(',')},"id":"x"}`
      ),
      FACTS,
      KNOWN
    ).map(({ check }) => check),
    ['attributes']
  )
})

t.test('an id that Spillway made is the one that was answered, and stays', async (t) => {
  t.strictSame(checks({ id: '"a"' }, { answeredIds: ['b'] }, { ownId: undefined }), ['id'])
  t.strictSame(checks({ id: '"a"' }, { deliveredId: 'b' }, { ownId: undefined }), ['id'])
  t.strictSame(checks({ id: '""' }, {}, { ownId: undefined }), ['id'])
})

t.test('an event is told by its payload, its id or its time', async (t) => {
  t.strictSame(
    sequencesIn(members({ time: JSON.stringify(new Date(FIRST_TIME_MS + 9).toISOString()), id: '"proof-8/x"' })),
    [7, 8, 9]
  )
  t.strictSame(sequencesIn(members({ data: '1', id: '"x"' })), [])
})

t.test('a deadline arrives as posted, and not after it', async (t) => {
  const at = (ms: number) => new Date(ms).toISOString()
  const dated = (ms: number) => ({ expirytime: JSON.stringify(at(ms)) })
  t.strictSame(checks(dated(1_500), { expiresAt: at(1_500) }), [])
  t.strictSame(checks(dated(1_499), { expiresAt: at(1_499) }), ['deadline'], 'too late')
  t.strictSame(checks(dated(9_000), { expiresAt: at(9_001) }), ['deadline'], 'another one')
  t.strictSame(checks({}, { expiresAt: at(9_000) }), ['deadline'], 'none')
  t.strictSame(checks(dated(9_000)), ['deadline'], 'one that was not posted')
})
