/* Texts that are nearly an API key, and fields that hold no valid key where a service looks for one. */
import { secretOf, type KeyRing } from '../key-ring.ts'

export const keyField = (text: string) => `X-API-Key: ${text}\r\n`
export const bearerField = (text: string) => `Authorization: Bearer ${text}\r\n`
export const basicField = (text: string) => `Authorization: Basic ${Buffer.from(text).toString('base64')}\r\n`

/** Each of these bits of each character of a key changed, unless that gives a control, which would end the field. */
export function flipped (key: string, bits: readonly number[]): string[] {
  return Array.from(key, (_, at) => bits.flatMap((bit) => {
    const code = key.charCodeAt(at) ^ 1 << bit
    return code > 0x20 && code !== 0x7f ? [key.slice(0, at) + String.fromCharCode(code) + key.slice(at + 1)] : []
  })).flat()
}

/** Two characters of a key exchanged, which a shortened comparison might overlook. */
export function swapped (key: string, a: number, b: number): string {
  const characters = [...key]
  Object.assign(characters, { [a]: key[b], [b]: key[a] })
  return characters.join('')
}

/** Keys that are cut, recombined, repeated, quoted or in another spelling. */
export function nearly ({ attacker, victim, sender }: KeyRing): string[] {
  const { id, key } = attacker
  const secret = secretOf(attacker)
  return [
    ...Array.from(key, (_, at) => key.slice(0, at)),
    ...Array.from(key, (_, at) => key.slice(at + 1)),
    `spw_${secret}_${id}`, `spw_${victim.id}_${secret}`, `spw_${sender.id}_${secret}`, `spw_${id}_${secretOf(victim)}`,
    `spw_${id}_`, `spw__${secret}`, id, secret,
    `${key}0`, `0${key}`, `${key}, ${key}`, `${key} ${key}`, `"${key}"`, `${key};`, `${key}%00`, `${key}\t1`,
    encodeURIComponent(`${key} `), Buffer.from(key).toString('base64'), Buffer.from(key).toString('hex'),
    key.toUpperCase(), key.toLowerCase(), key.replace('spw_', 'SPW_'),
    key.replaceAll('_', '-'), key.replaceAll('_', ''),
    `${key}${'a'.repeat(8_000)}`, 'a'.repeat(16_000), `spw_${id}_${secret.slice(0, -1)}\u00e9`,
    'undefined', 'null', '[object Object]', '__proto__', 'constructor', '*'
  ]
}

/** Fields beside which no valid key counts. */
export function misplaced ({ attacker: { key }, victim }: KeyRing): string[] {
  const wrong = `spw_${victim.id}_${'a'.repeat(43)}`
  return [
    '', `Cookie: key=${key}\r\n`, `Proxy-Authorization: Bearer ${key}\r\n`,
    `X-Api-Token: ${key}\r\n`, `X_API_Key: ${key}\r\n`,
    // The field of the service counts, whatever a proxy adds beside it.
    keyField(wrong) + bearerField(key), bearerField(key) + keyField(wrong), bearerField(wrong) + bearerField(key),
    keyField(key) + keyField(key), keyField(key) + keyField(wrong), keyField(wrong) + keyField(key),
    `Authorization: Token ${key}\r\n`, `Authorization: ${key}\r\n`, `Authorization: Digest ${key}\r\n`,
    basicField(key), basicField(`${key}:`), basicField(`x:${key}x`), basicField(`x:y:${key}`)
  ]
}
