import fc from 'fast-check'
import t from 'tap'
import { FairOrder, type FairOrderMode, type FairTerms } from '../../../services/organizations/fair-order.ts'

const PRIORITY = 5

interface Waiting {
  readonly organizationId: string
  readonly type: string
  readonly number: number
  readonly tag: number
}

/** A queue in a fair order, one event a batch, with a worker that takes the lowest tag. */
function startLine (terms: Partial<FairTerms> = {}) {
  const order = new FairOrder({ mode: () => 'organizations', costOf: () => 1, weightOf: () => 1, ...terms })
  const waiting: Waiting[] = []
  let highest = 0
  let number = 0
  const lowest = () => waiting.reduce((least, { tag }) => Math.min(least, tag), Infinity)
  const add = (organizationId: string, type = 'x') => {
    order.follow(PRIORITY, waiting.length === 0 ? highest : lowest(), waiting.length === 0)
    const event = { organizationId, type }
    const flow = order.flowOf(PRIORITY, event)
    const charge = order.chargeOf(flow, event)
    const tag = order.tag(PRIORITY, [{ flow, first: charge, whole: charge }])
    highest = Math.max(highest, tag)
    waiting.push({ ...event, number: number++, tag })
  }
  const take = (): Waiting | undefined => {
    const index = waiting.findIndex(({ tag }) => tag === lowest())
    return index === -1 ? undefined : waiting.splice(index, 1)[0]
  }
  const takeAll = () => Array.from({ length: waiting.length }, () => take() as Waiting)
  return { order, add, take, takeAll, waiting }
}

const repeated = (count: number, act: (index: number) => void) => {
  for (let index = 0; index < count; index++) act(index)
}
const countOf = (taken: readonly Waiting[], organizationId: string) =>
  taken.filter((event) => event.organizationId === organizationId).length

t.test('an event of another organization passes a backlog', async (t) => {
  const { add, takeAll } = startLine()
  repeated(1_000, () => add('flood'))
  add('light')
  t.ok(takeAll().findIndex(({ organizationId }) => organizationId === 'light') <= 2)
})

t.test('organizations with a backlog are taken by their weights', async (t) => {
  const { add, takeAll } = startLine({ weightOf: (id) => id === 'heavy' ? 3 : 1 })
  repeated(400, () => { add('heavy'); add('other') })
  const first = takeAll().slice(0, 400)
  t.ok(Math.abs(countOf(first, 'heavy') - 300) <= 2, `${countOf(first, 'heavy')} of 400`)
})

t.test('a type that costs a hundred times as much is taken a hundredth as often', async (t) => {
  const { add, takeAll } = startLine({ costOf: (type) => type === 'poison' ? 100 : 1 })
  repeated(500, () => { add('poisoner', 'poison'); add('other') })
  t.ok(countOf(takeAll().slice(0, 505), 'poisoner') <= 6)
})

t.test('the types of an organization share its weight, and many types gain it nothing', async (t) => {
  const shareOf = (types: number, mode: FairOrderMode) => {
    const { add, takeAll } = startLine({ mode: () => mode })
    repeated(2_000, (index) => { add('flood', `type-${index % types}`); add('other') })
    return countOf(takeAll().slice(0, 2_000), 'flood')
  }
  const plain = shareOf(1, 'types')
  t.equal(shareOf(200, 'organizations'), plain)
  const split = shareOf(200, 'types')
  t.ok(split <= 1.1 * plain, `${split} against ${plain}`)
})

t.test('types that never repeat gain an organization nothing', async (t) => {
  const { add, takeAll } = startLine({ mode: () => 'types' })
  repeated(1_000, (index) => { add('flood', `type-${index}`); add('other') })
  const flood = countOf(takeAll().slice(0, 1_000), 'flood')
  t.ok(flood <= 550, `${flood} of 1000`)
})

t.test('with types, one type does not delay the others of its organization', async (t) => {
  const { add, takeAll } = startLine({ mode: () => 'types' })
  repeated(1_000, () => add('one', 'backlog'))
  add('one', 'other')
  t.ok(takeAll().findIndex(({ type }) => type === 'other') <= 4)
})

t.test('a capacity that nobody else used costs nothing later', async (t) => {
  const { add, take, takeAll } = startLine()
  repeated(10_000, () => { add('busy'); take() })
  repeated(100, () => { add('busy'); add('new') })
  t.ok(Math.abs(countOf(takeAll().slice(0, 100), 'busy') - 50) <= 2)
})

t.test('events of a flow stay in order, and none waits for ever, whatever comes and goes', async () => {
  const steps = fc.array(
    fc.record({ organization: fc.nat(3), type: fc.nat(2), takes: fc.nat(2) }), { minLength: 1, maxLength: 300 }
  )
  fc.assert(fc.property(
    steps, fc.constantFrom<FairOrderMode>('organizations', 'types'), (all, mode) => {
      const { add, take, takeAll } = startLine({ mode: () => mode, costOf: (type) => type === 't1' ? 0.03 : 2 })
      const taken: Waiting[] = []
      for (const { organization, type, takes } of all) {
        add(`o${organization}`, `t${type}`)
        for (let count = 0; count < takes; count++) taken.push(...[take() ?? []].flat())
      }
      taken.push(...takeAll())
      const last = new Map<string, number>()
      for (const { organizationId, type, number } of taken) {
        const flow = mode === 'types' ? `${organizationId} ${type}` : organizationId
        if (number < (last.get(flow) ?? -1)) return false
        last.set(flow, number)
      }
      return taken.length === all.length
    }
  ))
})

t.test('an event with a backlog of its own is taken although new organizations never cease to come', async (t) => {
  const { add, take, waiting } = startLine()
  repeated(10, () => add('legitimate'))
  for (let index = 0; index < 100 && countOf(waiting, 'legitimate') > 0; index++) {
    repeated(2, (half) => add(`invented ${index} ${half}`))
    repeated(2, () => take())
  }
  t.equal(countOf(waiting, 'legitimate'), 0)
})

t.test('memory does not grow with organizations and types that have no backlog', async (t) => {
  const { order, add, take } = startLine({ mode: () => 'types' })
  repeated(20_000, (index) => { add(`o${index}`, 'x'); add('one', `t${index}`); take(); take() })
  const event = { organizationId: 'one', type: 'last' }
  t.ok(order.flowOf(PRIORITY, event).beside.size < 100, `${order.flowOf(PRIORITY, event).beside.size}`)
})

t.test('a type counts for the others of its organization as long as it has a backlog', async (t) => {
  const { order, add, take, waiting } = startLine({ mode: () => 'types' })
  const besideBusy = () => order.flowOf(PRIORITY, { organizationId: 'one', type: 'busy' }).beside.size
  repeated(200, () => add('one', 'busy'))
  repeated(10, (index) => add('one', `brief ${index}`))
  t.equal(besideBusy(), 11)
  while (waiting.some(({ type }) => type !== 'busy')) take()
  repeated(50, () => { take(); add('one', 'busy') })
  t.equal(besideBusy(), 1)
})

t.test('the charges of a batch leave none of its flows waiting', async (t) => {
  const { order } = startLine({ mode: () => 'types' })
  const charges = order.chargesOf(PRIORITY, ['a', 'b', 'a', 'c'].map((type) => ({ organizationId: 'one', type })))
  t.strictSame(charges.map(({ flow }) => flow.waiting), [0, 0, 0])
})

t.test('a flow follows what Redis has decided, unless events of it are not sent yet', async (t) => {
  const { order } = startLine()
  const events = [{ organizationId: 'a', type: 'x' }]
  const charges = order.chargesOf(PRIORITY, events)
  const { flow } = charges[0] as (typeof charges)[number]
  order.tag(PRIORITY, charges.map((charge) => ({ ...charge, whole: 100 })))
  t.equal(flow.finish, 100)
  order.observe(PRIORITY, charges, ['0', '7'])
  t.equal(flow.finish, 7, 'Redis may have begun anew')
  flow.waiting = 1
  order.observe(PRIORITY, charges, ['0', '3'])
  t.equal(flow.finish, 7)
  order.observe(PRIORITY, charges, ['0', '9'])
  t.equal(flow.finish, 9)
})

t.test('events share a batch if their tags are up to 16, 64, 256 and so on ahead', async (t) => {
  const { order } = startLine()
  const flow = order.flowOf(PRIORITY, { organizationId: 'a', type: 'x' })
  const groups = [1, 16, 17, 64, 65, 256, 257, 2 ** 60].map((ahead) => order.groupOf(PRIORITY, flow, ahead))
  t.strictSame(groups, [0, 0, 1, 1, 2, 2, 3, 15])
})
