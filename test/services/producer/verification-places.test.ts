import t from 'tap'
import fc from 'fast-check'
import { clientOf, VerificationPlaces } from '../../../services/producer/verification-places.ts'

/** Notes what became of each waiter, in order. */
function setUp (mostPlaces: number, mostWaiting: number) {
  const places = new VerificationPlaces(mostPlaces, mostWaiting)
  const settled: string[] = []
  const take = (client: string, name = client): boolean => {
    const place = places.take(client)
    void place?.then((hasPlace) => settled.push(hasPlace ? name : `${name} went`))
    return place !== undefined
  }
  const seen = async () => {
    await Promise.resolve()
    return settled.splice(0)
  }
  return { places, take, seen }
}

t.test('clients take turns, each in the order of its own', async (t) => {
  const { places, take, seen } = setUp(1, 10)
  for (const name of ['a1', 'a2', 'a3', 'b1', 'b2', 'c1']) t.ok(take(name.charAt(0), name))
  t.strictSame(await seen(), ['a1'])
  for (let turns = 0; turns < 5; turns++) places.give()
  t.strictSame(await seen(), ['a2', 'b1', 'c1', 'a3', 'b2'])
  places.give()
  t.ok(take('d'))
  t.strictSame(await seen(), ['d'], 'a free place is taken at once')
})

t.test('if too many wait, the client with the most makes room for one with fewer', async (t) => {
  const { take, seen } = setUp(1, 4)
  for (const name of ['a1', 'a2', 'a3', 'a4', 'a5']) take('a', name)
  t.notOk(take('a', 'a6'))
  t.ok(take('b', 'b1'))
  t.ok(take('c', 'c1'))
  t.strictSame(await seen(), ['a1', 'a2 went', 'a3 went'])
  t.notOk(take('b', 'b2'), 'two are no more than it would have itself')
  t.notOk(take('a', 'a7'))
  t.ok(take('d', 'd1'))
  t.notOk(take('e', 'e1'), 'each has one')
  t.strictSame(await seen(), ['a4 went'])
})

t.test('no place is lost, and the bounds hold, whatever the order', async () => {
  await fc.assert(fc.asyncProperty(fc.array(fc.constantFrom('a', 'b', 'c', 'give'), { maxLength: 60 }), async (steps) => {
    const { places, take, seen } = setUp(2, 3)
    let [held, waiting] = [0, 0]
    for (const step of steps) {
      if (step === 'give') {
        if (held === 0) continue
        places.give()
        held--
      } else if (take(step)) waiting++
      for (const name of await seen()) {
        waiting--
        if (!name.endsWith('went')) held++
      }
      if (held > 2 || waiting > 3 || (waiting > 0 && held < 2)) return false
    }
    return true
  }))
})

t.test('all addresses of an IPv6 network are one client', async (t) => {
  t.equal(clientOf('192.0.2.1'), '192.0.2.1')
  t.equal(clientOf('::ffff:192.0.2.1'), '::ffff:192.0.2.1')
  t.equal(clientOf('2001:db8:0:1:2:3:4:5'), '2001:db8:0:1')
  t.equal(clientOf('2001:db8:0:1::5'), '2001:db8:0:1')
  t.equal(clientOf('2001:db8::5'), '2001:db8:0:0')
  t.equal(clientOf('::1'), '0:0:0:0')
  t.equal(clientOf('fe80::1%eth0'), 'fe80:0:0:0')
})
