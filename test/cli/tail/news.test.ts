import t from 'tap'
import { NewsFinder } from '../../../cli/tail/news.ts'
import type { LatestEvent } from '../../../services/receipt/latest-event.ts'

const event = (id: string, status: LatestEvent['status'] = 'waiting'): LatestEvent =>
  ({ id, type: 'a', priority: 5, receivedAt: '2026-03-01T12:00:00.000Z', status })
const told = ({ events, passedOver }: ReturnType<NewsFinder['next']>) =>
  [events.map(({ id, status }) => `${id} ${status}`), passedOver]

t.test('tells of an event once, and again when it is somewhere else', async (t) => {
  const news = new NewsFinder()
  const list = { events: [event('2'), event('1')], accepted: 2, process: 'p' }
  t.strictSame(told(news.next(list)), [['1 waiting', '2 waiting'], 0])
  t.strictSame(told(news.next(list)), [[], 0])
  const events = [event('3'), event('2', 'done'), event('1')]
  t.strictSame(told(news.next({ events, accepted: 3, process: 'p' })), [['2 done', '3 waiting'], 0])
})

t.test('begins with so many of what there is, and does not tell of the others later', async (t) => {
  const news = new NewsFinder()
  const events = [event('3'), event('2'), event('1')]
  t.strictSame(told(news.next({ events, accepted: 3, process: 'p' }, 1)), [['3 waiting'], 0])
  t.strictSame(told(news.next({ events, accepted: 3, process: 'p' })), [[], 0])
})

t.test('counts what was accepted and is in no list, of one process', async (t) => {
  const news = new NewsFinder()
  news.next({ events: [event('1')], accepted: 50, process: 'p' })
  t.strictSame(told(news.next({ events: [event('2'), event('1')], accepted: 61, process: 'p' })), [['2 waiting'], 10])
  t.strictSame(told(news.next({ events: [event('3')], accepted: 900, process: 'q' })), [['3 waiting'], 0])
  t.strictSame(told(news.next({ events: [], accepted: 0, process: 'q' })), [[], 0], 'a process that was started anew')
})

t.test('events of two organizations may have the same id', async (t) => {
  const news = new NewsFinder()
  const events = [{ ...event('1'), organizationId: 'a' }, { ...event('1'), organizationId: 'b' }]
  t.equal(news.next({ events, accepted: 2, process: 'p' }).events.length, 2)
})
