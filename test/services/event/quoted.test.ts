import { setImmediate as nextTurn } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import t from 'tap'
import { MOST_QUOTED_CHARACTERS, quoted } from '../../../services/event/quoted.ts'

t.test('cuts what is long, between characters', async (t) => {
  const fits = 'x'.repeat(MOST_QUOTED_CHARACTERS)
  t.equal(quoted(fits), fits)
  t.equal(quoted(`${fits}x`), `${fits.slice(1)}…`)
  for (const shift of [0, 1]) {
    const cut = quoted('x'.repeat(shift) + '😀'.repeat(MOST_QUOTED_CHARACTERS))
    t.ok(cut.isWellFormed() && cut.length <= MOST_QUOTED_CHARACTERS && cut.length >= MOST_QUOTED_CHARACTERS - 1)
  }
})

t.test('does not keep the text that it quotes', async (t) => {
  setFlagsFromString('--expose-gc')
  const collectGarbage = runInNewContext('gc') as () => void
  const quotations: string[] = []
  const before = process.memoryUsage().heapUsed
  for (let text = 0; text < 20; text++) quotations.push(quoted(JSON.parse(`"${'x'.repeat(5_000_000)}"`) as string))
  await nextTurn()
  collectGarbage()
  t.ok(process.memoryUsage().heapUsed - before < 20_000_000, 'a hundred megabytes are gone')
  t.equal(quotations.length, 20)
})
