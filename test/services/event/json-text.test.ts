import fc from 'fast-check'
import t from 'tap'
import { memberText, memberTextOfEach, withMember } from '../../../services/event/json-text.ts'
import { AWKWARD_PAYLOADS, jsonText, whiteSpace } from '../../json-documents.ts'

t.test('finds the text of a member', async (t) => {
  const table: [json: string, text: string | undefined][] = [
    ['{"payload":1.0}', '1.0'],
    [' { "type" : "x" ,\n"payload"\t:\r\n12345678901234567890 } ', '12345678901234567890'],
    ['{"payload":1,"payload": 2.50 }', '2.50'],
    ['{"payload":1,"pay\\u006coad":"last"}', '"last"'],
    ['{"\\u0070\\u0061yload":{"a":1},"type":"x"}', '{"a":1}'],
    ['{"pay\\\\load":1}', undefined],
    ['{"Payload":1,"payloads":2,"payloa":3}', undefined],
    ['{"a":{"payload":1},"b":[{"payload":2}],"c":"\\"payload\\":3"}', undefined],
    ['{"a":"\\\\","payload":"\\\\\\""}', '"\\\\\\""'],
    ['{"payload":{ "payload":[ ]} ,"z":"}"}', '{ "payload":[ ]}'],
    ['{}', undefined],
    ['{ }', undefined],
    ['{"payload":null}', 'null'],
    ['{"payload":""}', '""'],
    ['[{"payload":1}]', undefined],
    ['"payload"', undefined]
  ]
  for (const [json, text] of table) {
    t.equal(memberText(json, 'payload'), text, json)
    t.strictSame(memberTextOfEach(`{"events":[${json}, ${json}]}`, '{"events":'.length, 'payload'), [text, text], json)
  }
  for (const payload of AWKWARD_PAYLOADS) {
    t.equal(memberText(`{"a":"x" , "payload": ${payload}\n,"z":[1]}`, 'payload'), payload)
  }
})

t.test('finds what JSON.parse reads, whatever the text', async (t) => {
  const reads = (text: string | undefined, value: unknown) =>
    text === undefined
      ? value === undefined
      : text === text.trim() && Object.is(JSON.stringify(JSON.parse(text)), JSON.stringify(value))
  t.doesNotThrow(() => fc.assert(fc.property(jsonText, whiteSpace, (json, space) => {
    const value = JSON.parse(json) as unknown
    const text = space + json + space
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value)
    const members = isObject ? value as Record<string, unknown> : {}
    const plainNames = Object.keys(members).filter((name) => JSON.stringify(name) === `"${name}"`)
    const names = [...plainNames, 'payload', 'data', 'toString', '']
    return names.every((name) => {
      const expected = Object.hasOwn(members, name) ? members[name] : undefined
      return reads(memberText(text, name), expected) && reads(memberTextOfEach(`[${text},1]`, 0, name)[0], expected)
    })
  }), { numRuns: 2_000 }))
})

t.test('the text of what is found is part of the text that was given, byte for byte', async (t) => {
  t.doesNotThrow(() => fc.assert(fc.property(jsonText, jsonText, whiteSpace, (payload, other, space) => {
    const posted = payload.trim()
    const json = `{${space}"type"${space}:${space}${other},"payload":${space}${posted}${space}}`
    return memberText(json, 'payload') === posted
  }), { numRuns: 1_000 }))
})

t.test('adds a member in its own text', async (t) => {
  t.equal(withMember('{}', 'payload', '1.0'), '{"payload":1.0}')
  t.equal(withMember('{"a":1}', 'payload', ' [ ]'), '{"a":1,"payload": [ ]}')
  t.equal(withMember('{"a":1}', 'payload', undefined), '{"a":1}')
})

t.test('comes to an end on text that is no JSON', async (t) => {
  const garbage = fc.string({
    unit: fc.constantFrom('{', '}', '[', ']', '"', ',', ':', '\\', ' ', '1', 'a'),
    maxLength: 40
  })
  t.doesNotThrow(() => fc.assert(fc.property(garbage, (text) => {
    for (const look of [() => memberText(text, 'a'), () => memberTextOfEach(text, 0, 'a')]) {
      try {
        look()
      } catch (error) {
        if (!(error instanceof SyntaxError)) throw error
      }
    }
  }), { numRuns: 2_000 }))
})
