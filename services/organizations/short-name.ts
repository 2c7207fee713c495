const DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'

/** 42 bits: of 20,000 names, two are equal once in 20,000 fleets. */
const LENGTH = 7

/**
 * Returns a name of seven characters for an organization, the same on every replica, so that many fit into a record: two
 * FNV-1a hashes with the last steps of MurmurHash3. Two organizations with the same name count as one for their shares.
 */
export function shortName (organizationId: string): string {
  let low = 0x811c9dc5
  let high = 0x9747b28c
  for (let index = 0; index < organizationId.length; index++) {
    const code = organizationId.charCodeAt(index)
    low = Math.imul(low ^ code, 0x01000193)
    high = Math.imul(high ^ code, 0x85ebca6b)
  }
  let bits = mixed(low ^ (high >>> 7)) + (mixed(high) & 0x3ff) * 2 ** 32
  let name = ''
  for (let place = 0; place < LENGTH; place++) {
    name += DIGITS[bits % DIGITS.length] as string
    bits = Math.floor(bits / DIGITS.length)
  }
  return name
}

function mixed (hash: number): number {
  let mixing = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  mixing = Math.imul(mixing ^ (mixing >>> 13), 0xc2b2ae35)
  return (mixing ^ (mixing >>> 16)) >>> 0
}
