import t from 'tap'
import fc from 'fast-check'
import { digestOfKey, idOfKey, newKey } from '../../../services/producer/key-text.ts'

t.test('a key names its id, and its digest is that of its whole text', async (t) => {
  const { id, key } = newKey()
  t.match(key, /^spw_[0-9A-Za-z]{12}_[0-9A-Za-z]{43}$/)
  t.equal(idOfKey(key), id)
  t.equal(digestOfKey('abc'), 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad')
})

t.test('a rotated key keeps its id and has another secret', async (t) => {
  const { id, key } = newKey()
  const rotated = newKey(id)
  t.equal(idOfKey(rotated.key), id)
  t.not(rotated.key, key)
})

t.test('no key is made twice, and each character occurs', async (t) => {
  const keys = Array.from({ length: 2_000 }, () => newKey().key)
  t.equal(new Set(keys).size, keys.length)
  t.equal(new Set(keys.flatMap((key) => key.slice(17).split(''))).size, 62)
})

t.test('nothing else is a key', async () => {
  fc.assert(fc.property(fc.string(), (text) => idOfKey(text) === undefined))
  const { key } = newKey()
  fc.assert(fc.property(fc.nat(key.length - 1), fc.constantFrom('-', ' ', 'é', ''), (at, other) =>
    idOfKey(key.slice(0, at) + other + key.slice(at + 1)) === undefined || key[at] === other))
})
