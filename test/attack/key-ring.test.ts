import { readFile } from 'node:fs/promises'
import t from 'tap'
import { makeKeyRing, newKey, secretOf } from '../../attack/key-ring.ts'
import { parseKeys } from '../../services/producer/key-file.ts'
import { digestOfKey, idOfKey } from '../../services/producer/key-text.ts'

t.test('the file holds the digest of each key, and no secret', async (t) => {
  const { keys, path } = await makeKeyRing(t)
  const text = await readFile(path, 'utf8')
  const records = parseKeys(text)
  t.equal(records.length, Object.keys(keys).length)
  for (const held of Object.values(keys)) {
    const { organizationId, id, key } = held
    t.match(records.find((record) => record.id === id), { organizationId, sha256: digestOfKey(key) })
    t.notOk(text.includes(secretOf(held)))
  }
})

t.test('a guess has the form of a key, so that it is compared', async (t) => {
  const { id, key } = newKey()
  t.equal(idOfKey(key), id)
  t.equal(idOfKey(newKey('0123456789ab').key), '0123456789ab')
})
