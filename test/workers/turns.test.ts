import { setImmediate as nextTurn } from 'node:timers/promises'
import fc from 'fast-check'
import t from 'tap'
import { Turns } from '../../workers/turns.ts'

/** Work that goes on until the test ends it, and says how far it is. */
function work () {
  const end = Promise.withResolvers<void>()
  const state = { isBegun: false, isOver: false, end: () => end.resolve(), fail: (error: Error) => end.reject(error) }
  const run = async () => {
    state.isBegun = true
    await end.promise
    state.isOver = true
    return 'done'
  }
  return { state, run }
}

t.test('lets work go on side by side, and answers what it answers', async (t) => {
  const turns = new Turns()
  const [one, other] = [work(), work()]
  const [first, second] = [turns.together(one.run), turns.together(other.run)]
  await nextTurn()
  t.ok(one.state.isBegun && other.state.isBegun)
  other.state.end()
  t.equal(await second, 'done')
  one.state.end()
  t.equal(await first, 'done')
})

t.test('work that has to be alone waits for all that goes on, and what comes later waits for it', async (t) => {
  const turns = new Turns()
  const [before, alone, second, after] = [work(), work(), work(), work()]
  const all = [turns.together(before.run), turns.alone(alone.run), turns.alone(second.run), turns.together(after.run)]
  const begun = async () => {
    await nextTurn()
    return [before, alone, second, after].map(({ state }) => state.isBegun)
  }
  t.strictSame(await begun(), [true, false, false, false])
  before.state.end()
  t.strictSame(await begun(), [true, true, false, false])
  alone.state.end()
  t.strictSame(await begun(), [true, true, true, false])
  second.state.end()
  t.strictSame(await begun(), [true, true, true, true])
  after.state.end()
  t.strictSame(await Promise.all(all), ['done', 'done', 'done', 'done'])
})

t.test('work that breaks gives its turn to others', async (t) => {
  const turns = new Turns()
  const broken = new Error('broken')
  const [one, alone, other] = [work(), work(), work()]
  const all = Promise.allSettled([turns.together(one.run), turns.alone(alone.run), turns.together(other.run)])
  one.state.fail(broken)
  await nextTurn()
  alone.state.fail(broken)
  await nextTurn()
  other.state.end()
  t.strictSame((await all).map((end) => end.status === 'rejected' ? end.reason : end.value), [broken, broken, 'done'])
})

t.test('whatever comes in whatever order, nothing is beside what has to be alone, and all of it is done', async (t) => {
  const task = fc.record({
    isAlone: fc.boolean(),
    arrivesAfter: fc.nat({ max: 4 }),
    takes: fc.nat({ max: 4 }),
    breaks: fc.boolean()
  })
  await t.resolves(fc.assert(fc.asyncProperty(fc.array(task, { maxLength: 12 }), async (tasks) => {
    const turns = new Turns()
    const inWork = new Set<number>()
    let isAnyAlone = false
    const pass = async (count: number) => { for (let turn = 0; turn < count; turn++) await nextTurn() }
    const ends = await Promise.allSettled(tasks.map(async ({ isAlone, arrivesAfter, takes, breaks }, index) => {
      await pass(arrivesAfter)
      return await turns[isAlone ? 'alone' : 'together'](async () => {
        if (isAnyAlone || (isAlone && inWork.size > 0)) throw new Error(`${index} is beside another`)
        inWork.add(index)
        isAnyAlone = isAlone
        await pass(takes)
        inWork.delete(index)
        isAnyAlone = false
        if (breaks) throw new Error('broken')
      })
    }))
    return ends.every((end, index) =>
      end.status === (tasks[index]?.breaks === true ? 'rejected' : 'fulfilled') &&
      (end.status === 'fulfilled' || end.reason.message === 'broken')
    )
  })))
})
