import t from 'tap'
import { EventIntake, type Intake } from '../../../services/intake/event-intake.ts'
import { PriorityMap } from '../../../services/event/priority-map.ts'
import { MOST_QUOTED_CHARACTERS } from '../../../services/event/quoted.ts'
import { ANONYMOUS } from '../../../services/producer/producer.ts'

const intake = new EventIntake(new PriorityMap({}, 5), true)
const context = { producer: ANONYMOUS, receivedAt: '2026-03-01T10:00:00.000Z', durability: 'queued' as const }
const CLOUD_EVENT = { specversion: '1.0', id: '1', source: '/s', type: 'x' }
const named = (count: number, name: (index: number) => string) =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [name(index), 1]))

t.test('errors are few and short, however many and long the names are', async (t) => {
  const long = named(50, (index) => `${'n'.repeat(2_000)}${index}`)
  const many = named(5_000, (index) => `name~/${index}`)
  const forms: [form: string, take: (more: object) => Intake][] = [
    ['an event', (more) => intake.event({ type: 'x', payload: 1, ...more }, context)],
    ['a CloudEvent', (more) => intake.cloudEvent({ ...CLOUD_EVENT, ...more }, context)],
    ['a datastream', (more) => intake.datastream({ deviceId: 'd', values: { a: 1 }, ...more }, context)],
    ['the variables of a datastream', (more) => intake.datastream({ deviceId: 'd', values: more }, context)],
    ['the wrong variables of a datastream', (more) => intake.datastream({ deviceId: 7, values: more }, context)]
  ]
  for (const [form, take] of forms) {
    for (const more of [long, many]) {
      const taken = take(more)
      t.equal(taken.ok, false, form)
      const errors = taken.ok ? [] : taken.errors
      t.ok(errors.length > 0 && errors.length <= 10, `${form}: ${errors.length} errors`)
      t.ok(errors.every(({ field, message }) => field.length <= MOST_QUOTED_CHARACTERS && message.length < 300), form)
    }
  }
})

t.test('the members of what is wrong are not looked at one by one where there are thousands', async (t) => {
  const many = named(1_001, (index) => `name${index}`)
  const errors = (field: string) => ({ ok: false, errors: [{ field, message: 'Expected at most 1000 members' }] })
  t.strictSame(intake.event({ payload: 1, ...many }, context), errors(''))
  t.strictSame(intake.datastream({ deviceId: 7, values: many }, context), errors('values'))
})

t.test('a path is cut though each name in it is short enough', async (t) => {
  const values = { ['n'.repeat(MOST_QUOTED_CHARACTERS)]: {} }
  const taken = intake.datastream({ deviceId: 'd', values }, context)
  t.match(taken, { ok: false, errors: [{ field: /^values\.n+…$/ }] })
  t.equal(taken.ok ? 0 : taken.errors[0]?.field.length, MOST_QUOTED_CHARACTERS)
})

t.test('a CloudEvent has a hundred members at most', async (t) => {
  const withMembers = (members: number) =>
    intake.cloudEvent({ ...CLOUD_EVENT, ...named(members - 4, (index) => `a${index}`) }, context)
  t.equal(withMembers(100).ok, true)
  t.match(withMembers(101), { ok: false, errors: [{ field: '', message: 'Expected at most 100 attributes' }] })
})
