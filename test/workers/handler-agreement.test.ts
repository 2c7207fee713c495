import t from 'tap'
import { HandlerAgreement } from '../../workers/handler-agreement.ts'

const worker = (handlers: string[]) => ({
  id: 'w', hostname: 'h', pid: 1, concurrency: 20, startedAt: '', handlers, holds: []
})

t.test('tells once that workers run different handlers, when that changes, and from time to time', async (t) => {
  const told: (readonly string[])[] = []
  let now = 0
  const agreement = new HandlerAgreement({ onDifference: (lists) => { told.push(lists) }, now: () => now })
  const observe = (...lists: string[][]) => { agreement.observe(lists.map(worker)) }
  observe()
  observe(['delivery'])
  observe(['rules', 'delivery'], ['rules', 'delivery'])
  t.strictSame(told, [], 'they agree')
  observe(['delivery'], [])
  observe([], ['delivery'], [])
  t.strictSame(told, [['delivery', 'none']], 'once, in whichever order')
  observe(['delivery'], ['rules', 'delivery'])
  t.strictSame(told.at(-1), ['delivery', 'rules+delivery'])
  now = 600_000
  observe(['delivery'], ['rules', 'delivery'])
  t.equal(told.length, 3)
  observe(['delivery'])
  observe(['delivery'], ['rules', 'delivery'])
  t.equal(told.length, 4, 'again after they agreed')
})
