import { SMALL_REQUEST, type Attack } from '../attack.ts'
import { judgeAnswer } from '../judge.ts'
import { inRows, sendRaw } from '../send-raw.ts'

const event = (payload: string, fields = '') => `{"type":"value","payload":${payload}${fields}}`
const deep = (depth: number) => '['.repeat(depth) + ']'.repeat(depth)
const BOM = '\ufeff'

/** Bodies with the statuses that they may get. */
const BODIES: readonly [name: string, body: string | Buffer, statuses: readonly number[], type?: string][] = [
  ['an event of 100 levels', event(deep(98)), [202]],
  ['an event of 400,000 levels', event(deep(400_000)), [400, 413]],
  ['400,000 levels that do not end', '['.repeat(400_000), [400, 413]],
  ['objects of 100,000 levels', '{"a":'.repeat(100_000) + '1' + '}'.repeat(100_000), [400, 413]],
  ['__proto__ in the event', event('1', ',"__proto__":{"isAdmin":true}'), [400]],
  ['__proto__ in the payload', event('{"__proto__":{"isAdmin":true}}'), [202, 400]],
  ['__proto__ with an escape', event('{"\\u005f_proto__":{"isAdmin":true}}'), [202, 400]],
  ['constructor.prototype in the payload', event('{"constructor":{"prototype":{"isAdmin":true}}}'), [202, 400]],
  ['constructor in the event', event('1', ',"constructor":{"prototype":{"isAdmin":true}}'), [400]],
  ['names of methods', event('{"toJSON":1,"toString":null,"then":{},"valueOf":[]}'), [202, 400]],
  ['a type of __proto__', '{"type":"__proto__","payload":1}', [202, 400]],
  ['an organization of __proto__', event('1', ',"organizationId":"__proto__"'), [202, 400]],
  ['an id of constructor', event('1', ',"id":"constructor"'), [202, 400]],
  ['a type twice', '{"type":"a","type":"b","payload":1}', [202, 400]],
  ['a number of 400,000 digits', event('9'.repeat(400_000)), [202, 400, 413]],
  ['a number beyond the range', event('1e400000'), [202, 400]],
  ['a priority of 1e0', event('1', ',"priority":1e0'), [202, 400]],
  ['a priority as text', event('1', ',"priority":"1"'), [400]],
  ['a priority of 0', event('1', ',"priority":0'), [400]],
  ['a priority of -0', event('1', ',"priority":-0'), [400]],
  ['a priority just above 1', event('1', ',"priority":1.0000000000000001'), [202, 400]],
  ['a lone surrogate in the payload', event('"\\ud800"'), [202, 400]],
  ['a lone surrogate in the type', '{"type":"\\ud800","payload":1}', [400]],
  ['a lone surrogate in the id', event('1', ',"id":"\\udfff"'), [400]],
  ['a BOM', BOM + event('1'), [202, 400]],
  ['two BOMs', BOM + BOM + event('1'), [400]],
  ['a NUL in the type', '{"type":"a\\u0000b","payload":1}', [202, 400]],
  ['a NUL in the id', event('1', ',"id":"a\\u0000b"'), [202, 400]],
  ['a NUL between tokens', '{"type":"a",\0"payload":1}', [400]],
  ['a NUL at the end', `${event('1')}\0`, [400]],
  ['UTF-8 that is cut off', Buffer.concat([Buffer.from('{"type":"a","payload":"'), Buffer.from([0xf0, 0x9f]), Buffer.from('"}')]), [202, 400]],
  ['overlong UTF-8', Buffer.concat([Buffer.from('{"type":"'), Buffer.from([0xc0, 0xaf]), Buffer.from('","payload":1}')]), [202, 400]],
  ['UTF-16', Buffer.from(`${BOM}${event('1')}`, 'utf16le'), [400]],
  ['1 MB of white space', ' '.repeat(1_000_000) + event('1'), [202, 400]],
  ['1 MB of an open text', `{"type":"${'\\'.repeat(999_000)}`, [400]],
  ['500,000 escapes', event(`"${'\\u0041'.repeat(150_000)}"`), [202, 413]],
  ['a text that backtracks a pattern', event('1', `,"occurredAt":"${'2020-01-01T00:00:00.'.repeat(20_000)}"`), [400]],
  ['an id of 900,000 characters', event('1', `,"id":"${'a'.repeat(900_000)}"`), [400]],
  ['300,000 lines of nothing', '\n'.repeat(300_000), [200, 202, 207, 400], 'application/x-ndjson'],
  ['100,000 lines that are half', '{"type"\n'.repeat(100_000), [207, 400], 'application/x-ndjson'],
  ['one line of NUL', Buffer.alloc(900_000), [207, 400, 413], 'application/x-ndjson']
]

export default {
  description: 'bodies of hostile values: depth, prototypes, numbers, surrogates, BOM, NUL; the cost of each alone',
  run: async ({ target, costs, report, amount }) => {
    for (const [name, body, statuses, type = 'application/json'] of BODIES) {
      const bytes = Buffer.from(body)
      const path = type.endsWith('ndjson') ? '/api/v1/events/batch' : '/api/v1/events'
      // Each alone, since a flood would hide a single request that costs seconds.
      const { answers: [answer] } = await costs(name, () => sendRaw(target.port, request(path, type, bytes)), SMALL_REQUEST)
      if (answer === undefined || !statuses.includes(answer.status))
        report('breach', `${name}: ${answer?.status ?? 'no answer'} instead of ${statuses.join(' or ')}`)
      if (answer !== undefined) {
        if (answer.body.includes('isAdmin')) report('breach', `${name}: the answer holds what was posted`)
        for (const { check, what } of judgeAnswer(answer, target.secrets, name)) report(check, what)
      }
    }
    const plain = await fetch(`${target.url}/api/v1/events`, {
      method: 'POST', headers: { 'content-type': 'application/json' }, body: event('{}')
    })
    if ((await plain.text()).includes('isAdmin')) report('breach', 'a later answer is polluted')
    const flood = Array.from({ length: amount(0, 20) }, () => BODIES).flat()
    await inRows(8, flood, async ([name, body, , type = 'application/json']) => {
      for (const path of ['/api/v1/events/batch', '/api/v1/datastreams']) {
        const { answers: [answer] } = await sendRaw(target.port, request(path, type, Buffer.from(body)))
        // Another form may accept what this one refuses; a fault is one in each.
        if (answer !== undefined) for (const { check, what } of judgeAnswer(answer, target.secrets, name)) report(check, what)
      }
    })
    return BODIES.length + 2 * flood.length
  }
} satisfies Attack

function request (path: string, type: string, body: Buffer): Buffer {
  const head = `POST ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: ${type}\r\n` +
    `Content-Length: ${body.length}\r\n\r\n`
  return Buffer.concat([Buffer.from(head), body])
}
