import t from 'tap'
import { ArrayRoom } from '../../../services/admission/array-room.ts'
import { BodiesInFlight } from '../../../services/admission/bodies-in-flight.ts'

const KIB = 1_024
const roomIn = (bodies: BodiesInFlight, priorityClass: 'critical' | 'normal' = 'normal', bodyBytes = 0) =>
  new ArrayRoom(bodies, priorityClass, bodyBytes, () => 0)

t.test('a first array finds room whatever its size, a second one what its class has left', async (t) => {
  const bodies = new BodiesInFlight(1_000 * KIB, 60_000)
  const first = roomIn(bodies)
  t.equal(first.take(700), true)
  t.equal(first.take(700), true)
  const second = roomIn(bodies)
  t.equal(second.take(1), false)
  first.release()
  t.equal(second.take(700), true)
  const [normal, critical] = [roomIn(bodies), roomIn(bodies, 'critical')]
  t.equal(normal.take(100), false)
  t.equal(critical.take(100), true, 'critical has its reserve')
  for (const room of [first, second, normal, critical]) room.release()
  t.equal(bodies.heldBytes, 0)
})
