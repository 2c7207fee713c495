import t from 'tap'
import { parseOptions } from '../../simulate/options.ts'
import { namesOf } from '../../simulate/registries.ts'
import { registries } from './tiny-world.ts'

const parse = (...args: string[]) => parseOptions(args, namesOf(registries))

t.test('a trace and nothing else is enough', async (t) => {
  const { world, subjects, seeds, tune } = parse('--trace', '/tmp/a.csv')
  t.strictSame(world.source, { trace: '/tmp/a.csv', column: undefined })
  t.strictSame(world.mix, [0.05, 0.55, 0.4])
  t.strictSame([subjects[0], seeds, tune], ['static', 1, 0])
  t.strictSame(subjects.toSorted(), [...registries.subjects.keys()].toSorted())
})

t.test('subjects keep their order, and lists of numbers their meaning', async (t) => {
  const { world, subjects } = parse(
    '--pattern', 'step', '--seconds', '90', '--subjects', 'random,static', '--mix', '1,1,2', '--stalls', '10:5,40:1',
    '--deadlines', '0.5:10,0.25:0.5'
  )
  t.strictSame(subjects, ['random', 'static'])
  t.strictSame(world.source, { pattern: 'step', eventsPerSecond: 100, seconds: 90 })
  t.strictSame(world.mix, [0.25, 0.25, 0.5])
  t.strictSame(world.deadlines, [{ share: 0.5, afterMs: 10_000 }, { share: 0.25, afterMs: 500 }])
  t.strictSame(world.stalls, [{ atMs: 10_000, forMs: 5_000 }, { atMs: 40_000, forMs: 1_000 }])
})

const WRONG: [args: string[], flag: string][] = [
  [[], '--trace'],
  [['--trace', 'a', '--pattern', 'step'], '--trace'],
  [['--pattern', 'stairs'], '--pattern'],
  [['--pattern', 'step', '--column', 'events'], '--column'],
  [['--trace', 'a', '--scale', '0'], '--scale'],
  [['--trace', 'a', '--scale', 'big'], '--scale'],
  [['--trace', 'a', '--seeds', '1.5'], '--seeds'],
  [['--trace', 'a', '--capacity-change', '-5'], '--capacity-change'],
  [['--trace', 'a', '--subjects', 'static,best'], '--subjects'],
  [['--trace', 'a', '--clients', 'polite'], '--clients'],
  [['--trace', 'a', '--mix', '1,2'], '--mix'],
  [['--trace', 'a', '--mix', '0,0,0'], '--mix'],
  [['--trace', 'a', '--budgets', 'a,b,c'], '--budgets'],
  [['--trace', 'a', '--stalls', '5'], '--stalls'],
  [['--trace', 'a', '--deadlines', '5'], '--deadlines'],
  [['--trace', 'a', '--deadlines', '0.6:5,0.5:9'], '--deadlines'],
  [['--trace', 'a', '--deadlines', ''], '--deadlines'],
  [['--trace', 'a', '--service-times', 'long'], '--service-times'],
  [['--trace', 'a', '--flood', '0'], '--flood'],
  [['--trace', 'a', '--flood', '5', '--flood-over', 'keys'], '--flood-over'],
  [['--trace', 'a', '--flood-over', 'keys:5'], '--flood-over: only with --flood'],
  [['--recording', 'b', '--flood', '5'], '--flood: not with --recording'],
  [['--trace', 'a', '--preset', 'huge'], '--preset'],
  [['--trace', 'a', '--critical', '9'], '--critical'],
  [['--trace', 'a', '--json', ''], '--json'],
  [['--trace', 'a', '--recording', 'b'], '--trace: not with --recording'],
  [['--recording', 'b', '--pattern', 'step'], '--recording: not with --pattern'],
  [['--recording', 'b', '--column', 'events'], '--column'],
  [['--recording', 'b', '--preset', 'staging'], '--preset'],
  [['--recording', 'b', '--critical', '100'], '--critical: not with --recording'],
  [['--trace', 'a', '--against', 'b'], '--against: only with --recording'],
  [['--recording', 'a', '--against', 'b', '--recommend'], '--recommend: not with --against'],
  [['--recording', 'a', '--against', 'b', '--subjects', 'static'], '--subjects: not with --against'],
  [['--trace', 'a', '--sed', '1'], '--sed']
]

t.test('a flag that cannot be understood is named', async (t) => {
  for (const [args, flag] of WRONG) {
    t.throws(() => parse(...args), { code: 'bad-option', message: new RegExp(flag) }, args.join(' '))
  }
  t.throws(() => parse('--seeds', '0', '--load', 'x'), { message: /--trace[^]*--load[^]*--seeds/ }, 'all at once')
})
