import fc from 'fast-check'
import t from 'tap'
import { allowanceOf, Pace } from '../../../clients/typescript/pace.ts'

t.test('reads the item of the organization', async (t) => {
  const table: [header: string | null, left?: number, seconds?: number][] = [
    ['"org";r=50;t=2', 50, 2], ['"org"; r=0 ;t=7', 0, 7], ['"other";r=1;t=1, "org";r=50;t=2', 50, 2],
    ['"org";t=2;r=50;pk=:abc:', 50, 2],
    [null], [''], ['"org"'], ['"org";r=50'], ['"org";r=-1;t=2'], ['"org";r=5;t=0'], ['"org-bytes";r=5;t=1'], ['org;r=5;t=1']
  ]
  for (const [header, left, seconds] of table) {
    t.strictSame(allowanceOf(header), left === undefined ? undefined : { left, seconds }, String(header))
  }
})

t.test('without a quota everything may be sent', async (t) => {
  const pace = new Pace()
  t.equal(pace.available(0), Infinity)
  pace.spend(1_000, 0)
  t.equal(pace.opensAt(0), -Infinity)
  pace.record({ left: 0, seconds: 5 }, 0)
  t.equal(pace.available(0), 0)
  pace.record(undefined, 1)
  t.equal(pace.available(1), Infinity)
})

t.test('with nothing left it waits for the time that the service names', async (t) => {
  const pace = new Pace()
  pace.record({ left: 0, seconds: 5 }, 1_000)
  t.equal(pace.opensAt(1_000), 6_000)
  t.equal(pace.available(5_999), 0)
  t.equal(pace.available(6_000), 1)
})

t.test('sends no more than what is left within its time', async () => {
  fc.assert(fc.property(fc.integer({ min: 1, max: 5_000 }), fc.integer({ min: 1, max: 60 }), (left, seconds) => {
    const pace = new Pace()
    pace.record({ left, seconds }, 0)
    let sent = 0
    for (let now = 0; now < seconds * 1_000; now += 7) {
      const events = pace.available(now)
      pace.spend(events, now)
      sent += events
    }
    return sent <= left + Math.max(1, left / seconds / 10)
  }))
})
