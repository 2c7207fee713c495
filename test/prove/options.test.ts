import t from 'tap'
import { parseOptions } from '../../prove/options.ts'

const KNOWN = ['hang', 'kill']

const DEFAULTS = {
  seed: 99, minutes: 2, faults: KNOWN, rate: 300, appendfsync: 'always', redis: 'tcp', shards: 1, json: undefined,
  isSabotage: false, isKept: false
}

const parse = (...args: string[]) => parseOptions(args, KNOWN, 99)

t.test('without flags everything has a default', async (t) => {
  t.strictSame(parse(), DEFAULTS)
})

t.test('flags are taken', async (t) => {
  t.strictSame(
    parse(
      '--seed',
      '0',
      '--minutes',
      '0.5',
      '--faults',
      'kill',
      '--rate',
      '50',
      '--appendfsync',
      'everysec',
      '--redis',
      'embedded',
      '--shards',
      '3',
      '--json',
      'x.json',
      '--keep',
      '--sabotage'
    ),
    {
      seed: 0,
      minutes: 0.5,
      faults: ['kill'],
      rate: 50,
      appendfsync: 'everysec',
      redis: 'embedded',
      shards: 3,
      json: 'x.json',
      isSabotage: true,
      isKept: true
    }
  )
  t.equal(parse('--sentinel').redis, 'sentinel')
  t.equal(parse('--redis', 'sentinel').redis, 'sentinel')
  t.strictSame(parse('--faults', 'kill,hang').faults, KNOWN, 'in the order of the registry')
  t.strictSame(parse('--faults', 'all').faults, KNOWN)
  t.strictSame(parse('--faults', 'none').faults, [])
})

t.test('what is wrong is named by its flag', async (t) => {
  const table: [args: string[], message: string | RegExp][] = [
    [['--sed', '1'], '--sed'],
    [['--sentinel', '--redis', 'tcp'], '--sentinel'],
    [['--seed'], '--seed'],
    [['--seed', '-1'], '--seed'],
    [['--seed', '1.5'], '--seed: expected an integer from 0 to 4294967295, got 1.5'],
    [['--seed='], '--seed: expected an integer from 0 to 4294967295, got nothing'],
    [['--minutes', 'two'], '--minutes: expected a number from 0.1 to 120, got two'],
    [['--minutes', '0'], '--minutes'],
    [['--rate', '0'], '--rate'],
    [['--faults', 'kill,earthquake'], '--faults: there is no fault earthquake; use hang, kill, all and none'],
    [['--faults='], '--faults'],
    [['--appendfsync', 'no'], '--appendfsync: expected one of always, everysec, got no'],
    [['--redis', 'cloud'], '--redis: expected one of tcp, embedded, sentinel, got cloud'],
    [['--json='], '--json'],
    [['--keep=yes'], '--keep'],
    [['2'], '2']
  ]
  for (const [args, message] of table)
    t.throws(
      () => parse(...args),
      { code: 'bad-option', message: new RegExp(escaped(String(message))) },
      args.join(' ')
    )
})

t.test('all that is wrong is said at once', async (t) => {
  t.throws(() => parse('--rate', 'x', '--minutes', 'y'), { code: 'bad-option', message: /--minutes.*\n--rate/ })
})

function escaped (text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
}
