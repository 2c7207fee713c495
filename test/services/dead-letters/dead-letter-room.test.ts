import t from 'tap'
import { DeadLetterRoom, type DeadLetterRoomOptions } from '../../../services/dead-letters/dead-letter-room.ts'

const OPTIONS: DeadLetterRoomOptions = {
  overflow: 'hold',
  mostEvents: 10,
  mostBytes: 1_000,
  capacityBytes: () => undefined
}

/** The announcements of a room that sees these numbers of dead letters and bytes. */
function changes (options: Partial<DeadLetterRoomOptions>, ...seen: [count: number, bytes: number][]): boolean[] {
  const room = new DeadLetterRoom({ ...OPTIONS, ...options })
  const announced: boolean[] = []
  room.onChange((isFull) => announced.push(isFull))
  for (const [count, bytes] of seen) room.observe(count, bytes)
  return announced
}

t.test('announces each change, by number or by bytes, once', async (t) => {
  t.strictSame(changes({}, [9, 999], [10, 0], [11, 0], [9, 0], [0, 1_000], [0, 0]), [true, false, true, false])
})

t.test('is never full if the oldest give way', async (t) => {
  t.strictSame(changes({ overflow: 'discard-oldest' }, [100, 100_000]), [])
})

t.test('takes a share of the memory of Redis if no bytes are configured, and none if that is unknown', async (t) => {
  t.equal(new DeadLetterRoom(OPTIONS).mostBytes, 1_000)
  const capacityBytes = () => 100_000
  const share = new DeadLetterRoom({ ...OPTIONS, mostBytes: 0, capacityBytes }).mostBytes as number
  t.ok(share > 0 && share < 100_000)
  t.strictSame(changes({ mostBytes: 0, capacityBytes }, [0, share - 1], [0, share]), [true])
  t.equal(new DeadLetterRoom({ ...OPTIONS, mostBytes: 0 }).mostBytes, undefined)
  t.strictSame(changes({ mostBytes: 0 }, [0, Number.MAX_SAFE_INTEGER]), [])
})
