import t from 'tap'
import type { Offer } from '../../../services/admission/offer.ts'
import type { PriorityClass } from '../../../services/admission/priority-class.ts'
import type { Refusal } from '../../../services/admission/refusal.ts'
import { PriorityMap } from '../../../services/event/priority-map.ts'
import type { RequestHeaders } from '../../../services/event/request-headers.ts'
import { HeadGate } from '../../../services/intake/head-gate.ts'
import { ANONYMOUS, type Producer } from '../../../services/producer/producer.ts'

const REFUSAL: Refusal = { kind: 'load', reason: 'circuit-open', retryAfterSeconds: 3 }
const BODY_LIMIT = 1_000_000

interface Situation {
  /** Whether an offer is refused; none is by default. */
  refuses?: (offer: Offer, bodyShare: number) => boolean
  isCrowded?: boolean
  hasRoom?: boolean
}

/** A gate in a situation, and what it asked. */
function headGate ({ refuses = () => false, isCrowded = false, hasRoom = true }: Situation = {}) {
  const offers: [priority: number, bytes: number, bodyShare: number][] = []
  const roomFor: [priorityClass: PriorityClass, bytes: number][] = []
  const gate = new HeadGate({
    gate: {
      refuseUnread: (offer, bodyShare = 0) => {
        offers.push([offer.priority, offer.bytes, bodyShare])
        return refuses(offer, bodyShare) ? REFUSAL : undefined
      }
    },
    bodies: {
      isCrowdedWith: () => isCrowded,
      hasRoom: (priorityClass, bytes) => {
        roomFor.push([priorityClass, bytes])
        return hasRoom
      },
      shareWith: () => 0.9
    },
    priorities: new PriorityMap({ 'critical-alarm': 1 }, 5),
    defaultPriority: 5,
    now: () => 0
  })
  const judge = (headers: RequestHeaders, producer: Producer = ANONYMOUS) =>
    gate.refusalOf(gate.read(headers, 'event', producer), BODY_LIMIT)
  return { gate, judge, offers, roomFor }
}

t.test('offers the best event that a request could contain', async (t) => {
  const table: [headers: RequestHeaders, priority: number][] = [
    [{}, 1],
    [{ 'x-event-priority': '7' }, 7],
    [{ 'x-event-priority': 'wrong' }, 1],
    [{ 'ce-specversion': '1.0', 'ce-type': 'unknown' }, 5],
    [{ 'ce-specversion': '1.0', 'ce-type': 'critical-alarm' }, 1]
  ]
  for (const [headers, priority] of table) {
    const { judge, offers } = headGate()
    t.equal(judge({ ...headers, 'content-length': '70' }), undefined)
    t.strictSame(offers, [[priority, 70, 0]])
  }
})

t.test('refuses a request if even the best event would be, and asks for no room then', async (t) => {
  const { judge, roomFor } = headGate({ refuses: () => true, isCrowded: true })
  t.strictSame(judge({ 'x-event-priority': '4', 'content-length': '9' }), { refusal: REFUSAL, priority: 4 })
  t.strictSame(judge({}), { refusal: REFUSAL, priority: 1 })
  t.strictSame(roomFor, [])
})

t.test('refuses a body without room by the priority that its size lets it have', async (t) => {
  const { judge, offers, roomFor } = headGate({
    refuses: (_offer, bodyShare) => bodyShare > 0,
    isCrowded: true,
    hasRoom: false
  })
  t.strictSame(judge({ 'content-length': '70' }), { refusal: REFUSAL, priority: 1 }, 'a small one may be critical')
  t.strictSame(judge({ 'content-length': '70000' }), { refusal: REFUSAL, priority: 5 }, 'a large one has to say so')
  t.strictSame(judge({ 'content-length': '70000', 'x-event-priority': '2' }), { refusal: REFUSAL, priority: 2 })
  t.strictSame(roomFor, [['critical', 70], ['normal', 70_000], ['normal', 70_000]])
  t.strictSame(offers.slice(0, 2), [[1, 70, 0], [1, 70, 0.9]])
})

t.test('lets pass what has room, what is too large for its route, and what is read at the pace of the queue', async (t) => {
  const roomy = headGate({ isCrowded: true })
  t.equal(roomy.judge({ 'content-length': '70' }), undefined)
  const { judge, roomFor } = headGate({ isCrowded: true, hasRoom: false })
  t.equal(judge({ 'content-length': String(BODY_LIMIT + 1) }), undefined)
  t.equal(judge({ 'content-length': '70', 'content-type': 'application/x-ndjson' }), undefined)
  t.strictSame(roomFor, [])
})

t.test('judges a body of a request that takes no events by its size', async (t) => {
  const { gate } = headGate()
  t.strictSame([gate.bodyPriority(undefined, 10), gate.bodyPriority(undefined, 100_000)], [1, 5])
})
