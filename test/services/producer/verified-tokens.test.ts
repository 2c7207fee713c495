import t from 'tap'
import { ANONYMOUS } from '../../../services/producer/producer.ts'
import { VerifiedTokens } from '../../../services/producer/verified-tokens.ts'

const key = { resolve: async () => new Uint8Array(), isCurrent: true }
const token = (text: string, id = text) => ({ text, producer: { ...ANONYMOUS, id }, untilMs: 1_000, key })

t.test('the oldest tokens are forgotten, by their number and by their length', async (t) => {
  const short = new VerifiedTokens()
  const texts = Array.from({ length: 10_001 }, (_, index) => `token-${index}`)
  for (const text of texts) short.keep(token(text))
  t.equal(short.find('token-0', 0), undefined)
  for (const text of ['token-1', 'token-10000']) t.match(short.find(text, 0), { id: text })

  const long = new VerifiedTokens()
  const large = Array.from({ length: 2_049 }, (_, index) => `${String(index).padStart(8_168, '.')}${'x'.repeat(12)}${String(index).padStart(12, 'x')}`)
  for (const text of large) long.keep(token(text, text.slice(-12)))
  t.equal(long.find(large[0]!, 0), undefined)
  t.match(long.find(large[1]!, 0), { id: 'xxxxxxxxxxx1' })
})

t.test('a token that is kept again counts once, and one with the same end is another token', async (t) => {
  const tokens = new VerifiedTokens()
  const text = `${'a'.repeat(8_000)}.${'e'.repeat(24)}`
  for (let times = 0; times < 5_000; times++) tokens.keep(token(text))
  tokens.keep(token('other'))
  t.match(tokens.find(text, 0), { id: text })
  t.equal(tokens.find(`b${text}`, 0), undefined)
  t.equal(tokens.find(text, 1_000), 'expired')
  tokens.keep(token(`b${text}`))
  t.match(tokens.find(`b${text}`, 0), { id: `b${text}` })
  t.equal(tokens.find(text, 0), undefined)
})
