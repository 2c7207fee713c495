import t from 'tap'
import { mulberry32 } from '../../prove/random.ts'
import { composeRequest, EVENTS_BY_FORM, FORMS, isIntact, payloadOf, pickForm } from '../../prove/request.ts'

t.test('a body carries the events that it was made for, with priorities and ids', async (t) => {
  for (const form of FORMS) {
    const { body, priorities, isRepeatable, path } = composeRequest(mulberry32(3), form, 40)
    const events = (form === 'single' ? [body] : form === 'array' ? [] : body.trimEnd().split('\n')).map((line) => JSON.parse(line))
    if (form === 'array') events.push(...JSON.parse(body))
    t.equal(path, form === 'single' ? '/api/v1/events' : '/api/v1/events/batch')
    t.equal(events.length, EVENTS_BY_FORM[form])
    t.strictSame(events, priorities.map((priority, index) => ({
      type: 'proof', payload: payloadOf(40 + index), priority, ...(isRepeatable && { id: `proof-${40 + index}` })
    })))
  }
})

t.test('the same seed makes the same load, with all forms, classes and levels in it', async (t) => {
  const make = (seed: number) => {
    const random = mulberry32(seed)
    return Array.from({ length: 500 }, (_, index) => composeRequest(random, pickForm(random), index * 100))
  }
  const requests = make(4)
  t.strictSame(requests, make(4))
  t.strictSame([...new Set(requests.map(({ form }) => form))].toSorted(), FORMS.toSorted())
  t.strictSame([...new Set(requests.map(({ headers }) => headers['x-event-durability'] ?? 'none'))].toSorted(), ['none', 'queued', 'spooled', 'synced'])
  t.strictSame([...new Set(requests.flatMap(({ priorities }) => priorities))].toSorted((a, b) => a - b), [1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
})

t.test('a payload that was changed on the way is found out', async (t) => {
  t.ok(isIntact(payloadOf(12)))
  t.ok(isIntact(JSON.parse(JSON.stringify(payloadOf(0)))))
  for (const data of [undefined, null, 12, {}, { sequence: 12 }, { ...payloadOf(12), mark: 'x' }, { ...payloadOf(12), more: 1 }, { ...payloadOf(12), sequence: '12' }]) {
    t.notOk(isIntact(data), JSON.stringify(data))
  }
})
