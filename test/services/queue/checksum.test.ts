import fc from 'fast-check'
import t from 'tap'
import { isIntact, sealed, unsealed } from '../../../services/queue/checksum.ts'

const ID = '5-1-0-0190b3f27c1e7cc398c84f1a2b3c4d5e'

/** The text that Redis gives for these bytes. */
const readBack = (bytes: Buffer) => bytes.toString('utf8')

t.test('a text keeps its members and gets its checksum as the last one', async (t) => {
  for (const text of ['{"a":1}', '{"a":"é 🚚 \u2028"}', '{"a":{"b":[]}}']) {
    const stored = sealed(ID, text)
    t.match(stored, /,"crc32":"[0-9a-f]{8}"\}$/)
    t.strictSame({ ...JSON.parse(stored), crc32: undefined }, { ...JSON.parse(text), crc32: undefined })
    t.equal(unsealed(ID, stored), text)
    t.ok(isIntact(ID, stored))
  }
})

t.test('the checksum is the same in every version', async (t) => {
  t.equal(sealed(ID, '{"events":[]}'), '{"events":[],"crc32":"0f18e847"}')
})

t.test('a text under another id does not pass', async (t) => {
  const stored = sealed(ID, '{"a":1}')
  t.equal(unsealed(ID.replace('5-1', '4-1'), stored), undefined)
  t.notOk(isIntact('', stored))
})

t.test('a text without a checksum passes: an earlier version wrote it', async (t) => {
  for (const text of ['{"events":[{"type":"x","payload":1}]}', '', '{}', '{"a":"crc32"}']) {
    t.equal(unsealed(ID, text), text)
  }
})

t.test('no flipped bit passes, except one that leaves the content as it was', async (t) => {
  const stored = Buffer.from(sealed(ID, '{"events":[{"type":"ünïcode 🚚","payload":1.0}],"receivedMs":[1782892800000]}'))
  const content = unsealed(ID, readBack(stored))
  for (let bit = 0; bit < 8 * stored.length; bit++) {
    const flipped = Buffer.from(stored)
    flipped[bit >> 3] = stored[bit >> 3]! ^ 1 << (bit & 7)
    const read = unsealed(ID, readBack(flipped))
    // In the name of the last member it makes another member of it; then JSON or the content is all there.
    if (read === undefined || !isJson(read)) continue
    t.equal(read.slice(0, content!.length - 1), content!.slice(0, -1), `bit ${bit}`)
  }
})

t.test('whatever bytes change or go missing, the content is as it was or nothing', async (t) => {
  t.doesNotThrow(() =>
    fc.assert(fc.property(fc.jsonValue(), fc.nat(), fc.integer({ min: 1, max: 255 }), fc.nat(4), (value, at, mask, cut) => {
      const stored = Buffer.from(sealed(ID, JSON.stringify({ value })))
      const changed = Buffer.from(stored)
      // Within the content: the end of the text stays, with the name of the checksum.
      const place = at % (stored.length - 25)
      changed[place] = stored[place]! ^ mask
      const read = unsealed(ID, readBack(Buffer.concat([changed.subarray(0, place), changed.subarray(place + cut)])))
      return read === undefined
    }))
  )
})

function isJson (text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}
