import t from 'tap'
import { FITTED, HELD_OUT, meansOf, requestsOf, saturated, type Setting } from '../../../bench/scale/settings.ts'

const eventsIn = (body: string) => {
  const parsed = JSON.parse(body) as { id?: string } | { id?: string }[]
  return Array.isArray(parsed) ? parsed : [parsed]
}

for (const [name, setting] of Object.entries({ ...FITTED, ...HELD_OUT })) {
  t.test(`the requests of ${name} are as it says`, async (t) => {
    const requests = requestsOf(setting, 120, 'test')
    const events = requests.flatMap(({ body }) => eventsIn(body))
    const { eventsPerRequest, bytes, idShare } = meansOf(setting)
    t.equal(events.length / requests.length, eventsPerRequest)
    t.ok(events.every((event) => Math.abs(JSON.stringify(event).length - bytes) <= 1), 'the length of each event')
    const ids = events.flatMap(({ id }) => id ?? [])
    t.equal(ids.length / events.length, idShare)
    t.equal(new Set(ids).size, ids.length, 'no id twice')
  })
}

t.test('a loop without an end has no ids, which it would repeat', async (t) => {
  const setting = saturated(HELD_OUT['two singles to an array of 60, half with ids, delivered'] as Setting)
  t.equal(setting.eventsPerSecond, undefined)
  t.equal(meansOf(setting).idShare, 0)
})
