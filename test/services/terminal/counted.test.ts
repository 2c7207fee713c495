import t from 'tap'
import { counted } from '../../../services/terminal/counted.ts'

t.test('one is singular, and all else plural', async (t) => {
  const table: [number: number, text: string][] = [
    [0, '0 events'], [1, '1 event'], [2, '2 events'], [0.6, '1 event'], [1.4, '1 event'], [1_234_567, '1,234,567 events']
  ]
  for (const [number, text] of table) t.equal(counted(number, 'event'), text)
})
