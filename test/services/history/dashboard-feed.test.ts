import t from 'tap'
import { DashboardFeed } from '../../../services/history/dashboard-feed.ts'
import { SeriesRing } from '../../../services/history/series.ts'
import { SignalHistory } from '../../../services/history/signal-history.ts'
import type { State } from '../../../services/history/state.ts'
import { Viewers } from '../../../services/history/viewers.ts'
import { pointAt } from './setup.ts'

function startFeed () {
  const history = new SignalHistory(new SeriesRing([]))
  const viewers = new Viewers()
  const made = { texts: 0 }
  const state = () => ({ time: ++made.texts }) as State
  const feed = new DashboardFeed({ history, viewers, state })
  const open = (lastEventId?: string) => {
    const chunks: Buffer[] = []
    feed.open(
      { write: (chunk) => chunks.push(chunk), end: () => {}, destroy: () => {}, writableLength: 0 },
      'a',
      lastEventId
    )
    return chunks
  }
  return { feed, history, viewers, made, open }
}

const parsed = (chunk: Buffer | undefined) => {
  const [, id, event, data] = /^(?:id: (\d+)\n)?event: (\w+)\ndata: ([^\n]*)\n\n$/.exec(String(chunk)) ?? []
  const { series, ...rest } = JSON.parse(data as string) as {
    series: { time: number[], active: number[] },
    incidents: object[],
    state: object
  }
  return { id, event, times: series.time, actives: series.active, ...rest }
}

t.test('a viewer gets the history, then each second', async (t) => {
  const { feed, history, open } = startFeed()
  t.match(parsed(open()[0]), { id: undefined, event: 'history', times: [] }, 'a process that has just started')
  feed.end(pointAt(7, { active: 1 }))
  history.record([{ time: 7_500, kind: 'reset', text: 'It was reset.' }])
  feed.end(pointAt(8, { active: 2 }))
  const viewer = open()
  feed.end(pointAt(9, { active: 3 }))
  feed.end(pointAt(9))
  t.equal(viewer.length, 2, 'a second that has ended is not told again')
  t.match(parsed(viewer[0]), {
    id: '8',
    event: 'history',
    times: [7, 8],
    actives: [1, 2],
    incidents: [{ time: 7_500 }],
    state: Object
  })
  t.match(parsed(viewer[1]), { id: '9', event: 'second', times: [9], actives: [3], incidents: [] })
})

t.test('who comes back gets what it missed', async (t) => {
  const { feed, open } = startFeed()
  for (const second of [7, 8, 9]) feed.end(pointAt(second))
  const table: [lastEventId: string | undefined, times: number[]][] = [
    [undefined, [7, 8, 9]],
    ['', [7, 8, 9]],
    ['x', [7, 8, 9]],
    ['-1', [7, 8, 9]],
    ['1e9', [7, 8, 9]],
    ['0', [7, 8, 9]],
    ['7', [8, 9]],
    ['9', []],
    ['12', []]
  ]
  for (const [lastEventId, times] of table) {
    const told = parsed(open(lastEventId)[0])
    t.strictSame([told.id, told.times], ['9', times], String(lastEventId))
  }
})

t.test('what is told is made once for all viewers, and not without any', async (t) => {
  const { feed, made, open, viewers } = startFeed()
  feed.end(pointAt(7))
  t.equal(made.texts, 0)
  const chunks = Array.from({ length: 50 }, () => open())
  t.equal(made.texts, 1)
  feed.end(pointAt(8))
  t.equal(made.texts, 2)
  t.equal(viewers.count, 50)
  for (const [history, second] of chunks) {
    t.equal(history, chunks[0]?.[0], 'the same bytes')
    t.equal(second, chunks[0]?.[1], 'the same bytes')
  }
  const late = [open('7'), open('7'), open()]
  t.equal(made.texts, 4, 'one for each second that some come back from')
  t.equal(late[0]?.[0], late[1]?.[0])
})

t.test('seconds named at random fill no memory', async (t) => {
  const { feed, open } = startFeed()
  for (let second = 1; second <= 100; second++) feed.end(pointAt(second))
  for (let second = 1; second <= 100; second++) t.equal(parsed(open(String(second))[0]).times.length, 100 - second)
})
