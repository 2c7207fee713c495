import t from 'tap'
import fc from 'fast-check'
import { adminTokenCheck } from '../../../services/access/admin-token.ts'

const TOKEN = 'correct:horse battery'
const isPresented = adminTokenCheck(TOKEN)

function basic (pair: string): string {
  return `Basic ${Buffer.from(pair).toString('base64')}`
}

t.test('the token is taken as bearer token and as password of anybody', async (t) => {
  const taken = [
    `Bearer ${TOKEN}`,
    `bearer  ${TOKEN}`,
    basic(`operator:${TOKEN}`),
    basic(`:${TOKEN}`),
    basic(`a b:${TOKEN}`).replace('Basic', 'basic')
  ]
  for (const header of taken) t.ok(isPresented(header), header)
})

t.test('nothing else is', async (t) => {
  const refused = [
    undefined,
    '',
    TOKEN,
    'Bearer',
    'Bearer ',
    `Bearer ${TOKEN} `,
    `Bearer ${TOKEN.slice(0, -1)}`,
    `Bearer ${TOKEN}x`,
    `Bearer ${TOKEN.toUpperCase()}`,
    `Token ${TOKEN}`,
    `Basic ${TOKEN}`,
    'Basic',
    basic(TOKEN.replace(':', '')),
    basic(`${TOKEN}:`),
    basic(`operator:${TOKEN}:`),
    basic('operator:'),
    basic('')
  ]
  for (const header of refused) t.notOk(isPresented(header), String(header))
})

t.test('a token beyond ASCII is taken as the bytes that are sent of it', async (t) => {
  const token = 'pässwörd pässwörd'
  t.ok(adminTokenCheck(token)(`Bearer ${Buffer.from(token).toString('latin1')}`))
  t.ok(adminTokenCheck(token)(basic(`operator:${token}`)))
})

t.test('no header but those with the token is taken', async () => {
  fc.assert(fc.property(
    fc.string(),
    (text) => !isPresented(text) && !isPresented(`Bearer ${text}`) && !isPresented(basic(text))
  ))
})
