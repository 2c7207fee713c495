import t from 'tap'
import { newBatch } from '../../../services/queue/batch.ts'
import { eventsOf, startQueue } from './setup.ts'

const REFUSED = Object.assign(new Error('OOM command not allowed'), { name: 'ReplyError' })

type Scripts = Record<string, (...args: unknown[]) => Promise<unknown>>

/**
 * A batch of one event that is known, one with a key of its own and one without a key; the two new ones go on as
 * batches of their own.
 */
async function startParts (t: Parameters<typeof startQueue>[0]) {
  const { queue, connection } = await startQueue(t)
  await queue.add(newBatch(5, eventsOf(1), ['known']))
  await queue.add(newBatch(5, eventsOf(1)))
  const scripts = connection as unknown as Scripts
  const names = Object.keys(connection).filter((name) => name.startsWith('spillwayAtomic:'))
  /** Has Redis refuse the calls of a script from this one on, counted from 0. */
  const refuseFrom = (isKeyed: boolean, first: number) => {
    const name = names.find((candidate) => candidate.includes('spillway:remember') === isKeyed) as string
    const call = scripts[name]!.bind(connection)
    let calls = 0
    scripts[name] = (...args) => calls++ < first ? call(...args) : Promise.reject(REFUSED)
  }
  return { queue, refuseFrom, add: () => queue.add(newBatch(5, eventsOf(3), ['known', 'new', null])) }
}

t.test('a batch of which a part is stored and another refused is in doubt, not lost', async (t) => {
  for (const [what, isKeyed, first] of [['the one with a key', true, 1], ['the one without', false, 0]] as const) {
    const { queue, refuseFrom, add } = await startParts(t)
    refuseFrom(isKeyed, first)
    await t.rejects(add(), { code: 'unconfirmed' }, `${what} is refused`)
    t.equal((await queue.sample()).depthByPriority[5], 3, 'the other is in the queue')
  }
})

t.test('one of which all parts are refused is not stored, and one of which none is refused is stored', async (t) => {
  const { queue, refuseFrom, add } = await startParts(t)
  t.match(await add(), [{ index: 0 }])
  t.equal((await queue.sample()).depthByPriority[5], 4)
  refuseFrom(true, 1)
  refuseFrom(false, 0)
  await t.rejects(queue.add(newBatch(5, eventsOf(3), ['known', 'newer', null])), REFUSED)
  t.equal((await queue.sample()).depthByPriority[5], 4)
})
