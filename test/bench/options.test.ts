import t from 'tap'
import { parseOptions } from '../../bench/options.ts'
import { OptionError } from '../../rig/options.ts'

const known = ['delivery', 'shed', 'single']
const quick = ['shed', 'single']
const parse = (...args: string[]) => parseOptions(args, known, quick)

t.test('runs everything for three rounds unless told otherwise', async (t) => {
  t.strictSame(parse(), {
    scenarios: known,
    rounds: 3,
    seconds: 3,
    warmUpSeconds: 6,
    isQuick: false,
    mostSeconds: undefined,
    json: undefined,
    updatesDocs: false,
    updatesBaseline: false
  })
})

t.test('a quick run takes what is marked for it, and less time', async (t) => {
  t.strictSame(parse('--quick'), {
    scenarios: quick,
    rounds: 2,
    seconds: 1,
    warmUpSeconds: 0.7,
    isQuick: true,
    mostSeconds: 80,
    json: undefined,
    updatesDocs: false,
    updatesBaseline: false
  })
  t.match(parse('--quick', '--rounds', '4', '--seconds', '0.5', '--warm-up', '0'), {
    rounds: 4,
    seconds: 0.5,
    warmUpSeconds: 0,
    mostSeconds: undefined
  })
})

t.test('takes scenarios by name, in their own order', async (t) => {
  t.strictSame(parse('--only', 'single, delivery').scenarios, ['delivery', 'single'])
  t.strictSame(parse('--quick', '--only', 'delivery').scenarios, ['delivery'])
})

t.test('documents and baseline are left alone unless asked for', async (t) => {
  t.match(parse('--docs', '--baseline'), { updatesDocs: true, updatesBaseline: true })
})

t.test('names every flag that is wrong at once', async (t) => {
  const wrong = () =>
    parse(
      '--rounds',
      '0',
      '--seconds',
      'long',
      '--warm-up',
      'soon',
      '--only',
      'shed,shred',
      '--json',
      '',
      '--quick',
      '--docs'
    )
  t.throws(wrong, { code: 'bad-option' })
  try { wrong() } catch (error) {
    t.ok(error instanceof OptionError)
    t.strictSame((error as Error).message.split('\n').map((line) => line.split(':')[0]), [
      '--rounds',
      '--seconds',
      '--warm-up',
      '--only',
      '--json',
      '--docs'
    ])
  }
})

t.test('refuses flags that there are not', async (t) => {
  t.throws(() => parse('--round', '1'), { code: 'bad-option', message: /--round'/ })
})
