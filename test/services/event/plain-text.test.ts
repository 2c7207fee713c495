import t from 'tap'
import { plainText } from '../../../services/event/plain-text.ts'

t.test('leaves out what steers a terminal, and cuts what is long', async (t) => {
  t.equal(plainText('a\u001B[31mb\u009B2Jc\u202Ed\u2028e\uD800f', 100), 'a[31mb2Jcdef')
  t.equal(plainText('Zürich 東京 🙂', 100), 'Zürich 東京 🙂')
  t.equal(plainText('abcdef', 3), 'abc…')
})
