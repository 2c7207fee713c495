import * as fc from 'fast-check'
import type { Attack } from '../attack.ts'
import { judgeAnswer } from '../judge.ts'
import { secretOf, type KeyRing } from '../key-ring.ts'
import { inRows, sendRaw } from '../send-raw.ts'

const EVENT = '{"type":"tampered","payload":1}'
const REQUESTS = ['POST /api/v1/events', 'GET /api/v1/dead-letters', 'GET /api/v1/metrics/queue', 'DELETE /api/v1/dead-letters?all=true']
/** The key is unknown, the field is none of HTTP, or the head is too long. */
const REFUSED = [400, 401, 431]
const BITS = [0, 1, 2, 3, 4, 5, 6, 7]

const field = (text: string) => `X-API-Key: ${text}\r\n`
const bearer = (text: string) => `Authorization: Bearer ${text}\r\n`
const basic = (text: string) => `Authorization: Basic ${Buffer.from(text).toString('base64')}\r\n`

/** Each bit of each character of a key changed. A control would end the field, and its request shows nothing. */
function flipped (key: string, bits: readonly number[]): string[] {
  return Array.from(key, (_, at) => bits.flatMap((bit) => {
    const code = key.charCodeAt(at) ^ 1 << bit
    return code > 0x20 && code !== 0x7f ? [key.slice(0, at) + String.fromCharCode(code) + key.slice(at + 1)] : []
  })).flat()
}

/** Texts that are nearly a key. */
function nearly ({ attacker, victim, sender }: KeyRing): string[] {
  const { id, key } = attacker
  const secret = secretOf(attacker)
  return [
    ...Array.from(key, (_, at) => key.slice(0, at)), ...Array.from(key, (_, at) => key.slice(at + 1)),
    `spw_${secret}_${id}`, `spw_${victim.id}_${secret}`, `spw_${sender.id}_${secret}`, `spw_${id}_${secretOf(victim)}`, id, secret,
    `${key}0`, `0${key}`, `${key}, ${key}`, `${key} ${key}`, `"${key}"`, `${key};`, `${key}%00`, encodeURIComponent(`${key} `),
    key.toUpperCase(), key.toLowerCase(), key.replace('spw_', 'SPW_'), key.replaceAll('_', '-'), key.replaceAll('_', ''),
    Buffer.from(key).toString('base64'), Buffer.from(key).toString('hex'), `${key}${'a'.repeat(8_000)}`, 'a'.repeat(16_000),
    'undefined', 'null', '[object Object]', '__proto__', 'constructor', '*', `spw_${id}_`, `spw__${secret}`,
    `spw_${id}_${secret.slice(0, -1)}\u00e9`, `${key}\t1`
  ]
}

/** Fields that hold no valid key where the service looks for one. */
function misplaced ({ attacker: { key }, victim }: KeyRing): string[] {
  const wrong = `spw_${victim.id}_${'a'.repeat(43)}`
  return [
    '', `Cookie: key=${key}\r\n`, `Proxy-Authorization: Bearer ${key}\r\n`, `X-Api-Token: ${key}\r\n`, `X_API_Key: ${key}\r\n`,
    // The field of the service counts, whatever a proxy adds beside it.
    field(wrong) + bearer(key), bearer(key) + field(wrong), field(key) + field(key), field(key) + field(wrong),
    field(wrong) + field(key), bearer(wrong) + bearer(key),
    `Authorization: Token ${key}\r\n`, `Authorization: ${key}\r\n`, `Authorization: Digest ${key}\r\n`, basic(key), basic(`${key}:`),
    basic(`x:${key}x`), basic(`x:y:${key}`)
  ]
}

export default {
  description: 'keys that are changed, cut, recombined or misplaced: fields twice, two fields, Basic, very long ones',
  isLong: true,
  hasKeys: true,
  run: async ({ target, report, amount, seed }) => {
    const keys = target.keys as KeyRing
    const { attacker: { key } } = keys
    const changed = amount(0, 1) === 1 ? BITS : [0, 5]
    // Two changes at once, which a shortened comparison might overlook.
    const random = fc.sample(fc.tuple(fc.nat(key.length - 1), fc.nat(key.length - 1)), { seed, numRuns: amount(50, 5_000) })
    const twice = random.flatMap(([a, b]) => a === b ? [] : [swapped(key, a, b)])
    const texts = [...flipped(key, changed), ...nearly(keys), ...twice].filter((text) => text !== key)
    const fields = [...texts.flatMap((text) => [field(text), bearer(text)]), ...misplaced(keys)]
    // Without a body a browser may send a password, so that these routes accept one and the others do not.
    const tries = [
      ...fields.flatMap((fieldText, index) =>
        REQUESTS.slice(0, index % 10 === 0 || index >= fields.length - 30 ? undefined : 1).map((line) => [line, fieldText])
      ),
      [REQUESTS[0], basic(`x:${key}`)], [`${REQUESTS[1]}?key=${key}`, ''], [`${REQUESTS[1]}?x-api-key=${key}`, '']
    ] as [line: string, fields: string][]
    await inRows(16, tries, async ([line, fieldText]) => {
      const body = line.startsWith('POST') ? EVENT : ''
      const text = `${line} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: application/json\r\n${fieldText}` +
        `Content-Length: ${body.length}\r\n\r\n${body}`
      const { answers: [answer], isClosed } = await sendRaw(target.port, text, { answers: 1 })
      if (answer === undefined && !isClosed) report('silence', JSON.stringify(text.slice(0, 200)))
      if (answer === undefined) return
      if (!REFUSED.includes(answer.status)) report('breach', `${answer.status} to ${JSON.stringify(`${line} ${fieldText}`.slice(0, 200))}`)
      for (const { check, what } of judgeAnswer(answer, target.secrets, line)) report(check, what)
    })
    return tries.length
  }
} satisfies Attack

function swapped (text: string, a: number, b: number): string {
  const characters = [...text]
  Object.assign(characters, { [a]: text[b], [b]: text[a] })
  return characters.join('')
}
