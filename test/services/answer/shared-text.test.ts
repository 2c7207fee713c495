import t from 'tap'
import { SharedText } from '../../../services/answer/shared-text.ts'

t.test('makes a text at most once in its life, whoever asks', async (t) => {
  let [made, now] = [0, 0]
  const text = new SharedText(async () => `text ${++made}`, 1_000, () => now)
  const [first, second] = await Promise.all([text.get(), text.get()])
  t.equal(first, second, 'the same bytes')
  now = 999
  t.equal((await text.get()).toString(), 'text 1')
  now = 1_000
  t.equal((await text.get()).toString(), 'text 2')
})

t.test('a failure is not shared with those who ask later', async (t) => {
  let isBroken = true
  const text = new SharedText(async () => {
    if (isBroken) throw Object.assign(new Error('broken'), { code: 'EMFILE' })
    return 'text'
  }, 1_000, () => 0)
  await t.rejects(text.get(), { code: 'EMFILE' })
  isBroken = false
  t.equal((await text.get()).toString(), 'text')
})
