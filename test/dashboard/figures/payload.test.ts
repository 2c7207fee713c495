import t from 'tap'
import { prettyPayload } from '../../../dashboard/figures/payload.js'

t.test('indents a payload, unless that would change it', async (t) => {
  const answer = (payload: string) =>
    `{"id":"a","type":",\\"payload\\":","priority":5,"receivedAt":"x","payload":${payload}}`
  t.equal(prettyPayload(answer('{"a":[1,"b c"]}')), '{\n  "a": [\n    1,\n    "b c"\n  ]\n}')
  t.equal(prettyPayload(answer('12345678901234567890')), '12345678901234567890')
  t.equal(prettyPayload(answer('{"a":1,"a":2}')), '{"a":1,"a":2}')
  t.equal(prettyPayload('{"id":"a"}'), 'This event has no payload.')
})
