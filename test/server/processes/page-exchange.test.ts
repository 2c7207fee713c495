import { setImmediate as nextTurn } from 'node:timers/promises'
import t from 'tap'
import { PageExchange, type Peer } from '../../../server/processes/page-exchange.ts'

/** Processes that note what they are asked. */
function peersOf (...names: string[]) {
  const asked: [name: string, request: number][] = []
  const peers: Peer[] = names.map((name) => ({ name, askForPage: (request) => asked.push([name, request]) }))
  return { peers, asked }
}

t.test('gathers the pages of all processes in their order', async (t) => {
  const exchange = new PageExchange()
  const { peers, asked } = peersOf('2', '10')
  const gathered = exchange.gather(peers)
  for (const [process, request] of asked.toReversed()) exchange.receive(request, { process, text: `page of ${process}` })
  t.strictSame(await gathered, [{ process: '2', text: 'page of 2' }, { process: '10', text: 'page of 10' }])
  t.strictSame(await exchange.gather([]), [])
})

t.test('waits no longer for a process that ends, nor for one that is silent', async (t) => {
  const exchange = new PageExchange()
  const { peers, asked } = peersOf('1', '2')
  const gathered = exchange.gather(peers)
  exchange.receive(asked[0]![1], { process: '1', text: 'a' })
  exchange.leave('2')
  t.strictSame(await Promise.race([gathered, nextTurn('late')]), [{ process: '1', text: 'a' }])
  t.strictSame(await exchange.gather(peersOf('3').peers), [], 'it is left out')
})

t.test('tells apart what several ask at once, and takes a page once', async (t) => {
  const exchange = new PageExchange()
  const { peers, asked } = peersOf('1', '2')
  const [first, second] = [exchange.gather(peers), exchange.gather(peers)]
  const [one, two, three, four] = asked.map(([, request]) => request) as [number, number, number, number]
  for (const [request, process, text] of [
    [one, '1', 'a'], [one, '1', 'again'], [three, '1', 'c'], [two, '2', 'b'], [four, '2', 'd'], [99, '1', 'late']
  ] as const) exchange.receive(request, { process, text })
  t.strictSame((await first).map(({ text }) => text), ['a', 'b'])
  t.strictSame((await second).map(({ text }) => text), ['c', 'd'])
})
