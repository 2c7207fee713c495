import { randomBytes } from 'node:crypto'
import fc from 'fast-check'
import t from 'tap'
import { isPlaceDigest, newSecret, PlaceDigests } from '../../../services/queue/place-digest.ts'

const random = (bytes: number) => randomBytes(bytes)

t.test('each place of a batch has a digest of 48 bits, the same in whatever order they are asked', async (t) => {
  await fc.assert(fc.asyncProperty(fc.integer({ min: 1, max: 300 }), fc.gen(), async (count, draw) => {
    const secret = newSecret(count, random)
    const digests = Array.from({ length: count }, (_, index) => new PlaceDigests(secret).at(index))
    const shared = new PlaceDigests(secret)
    const order = draw(fc.shuffledSubarray, [...digests.keys()], { minLength: count })
    return (
      digests.every((digest) => /^[\w-]{8}$/.test(digest)) &&
      new Set(digests).size === count &&
      order.every((index) => shared.at(index) === digests[index])
    )
  }), { numRuns: 50 })
  t.not(newSecret(2, random), newSecret(2, random))
})

t.test('a digest proves its own place and no other', async (t) => {
  const secret = newSecret(25, random)
  const digests = Array.from({ length: 25 }, (_, index) => new PlaceDigests(secret).at(index))
  for (const [index, digest] of digests.entries()) {
    for (const place of digests.keys()) t.equal(isPlaceDigest(secret, place, digest), place === index)
    t.notOk(isPlaceDigest(newSecret(25, random), index, digest), 'nor the same place of another batch')
  }
  for (const digest of ['', 'AAAAAAAA', `${digests[0]}A`, digests[0]!.slice(1), 'éééééééé']) {
    t.notOk(isPlaceDigest(secret, 0, digest), JSON.stringify(digest))
  }
})

t.test('the digests of all places but one tell nothing of that one: the key is in none of them', async (t) => {
  const secret = newSecret(128, random)
  const told = Array.from({ length: 128 }, (_, index) => new PlaceDigests(secret).at(index)).join('')
  t.notOk(told.includes(secret.slice(8, 16)))
  t.equal(newSecret(1, random).length, 8, 'a lone event has no other, and no key')
  t.equal(secret.length, 32)
})
