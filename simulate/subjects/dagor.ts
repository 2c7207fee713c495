import { HIGHEST_PRIORITY } from '../../services/admission/priority-class.ts'
import { draw } from '../draw.ts'
import { CLASS_COUNT, PRIORITIES } from '../classes.ts'
import { peerRetryAfter, QueueView } from '../queue-view.ts'
import { ADMITTED, type SubjectModule } from '../subject.ts'

const USERS = 128
const LEVELS = CLASS_COUNT * USERS
const WINDOW_MS = 1_000
const WINDOW_EVENTS = 2_000
const USER_SEED = 0x5eed

/**
 * DAGOR (Zhou and others, Overload Control for Scaling WeChat Microservices, 2018). An event has a level: its class
 * first, then a number that its organization keeps. Every second or 2,000 events a histogram of the levels that came
 * says up to which one to admit: 5 % fewer events while the queue is too slow, 1 % more otherwise. Critical events are
 * admitted.
 */
const dagor: SubjectModule = {
  parameters: {
    waitMs: { low: 5, high: 300_000, initial: 20 },
    decrease: { low: 0.005, high: 0.5, initial: 0.05 },
    increase: { low: 0.001, high: 0.2, initial: 0.01 }
  },
  create: ({ now, random, parameters }) => {
    const { waitMs, decrease, increase } = parameters as Record<'waitMs' | 'decrease' | 'increase', number>
    const queue = new QueueView()
    const histogram = new Float64Array(LEVELS)
    const users = new Map<string | undefined, number>()
    let last = LEVELS - 1
    let came = 0
    let admitted = 0
    let windowAt = 0
    const userOf = (organization: string | undefined) => {
      const user = users.get(organization) ?? Math.floor(draw(USER_SEED, users.size) * USERS)
      users.set(organization, user)
      return user
    }
    const move = () => {
      let expected = admitted
      if (queue.waitMs > waitMs) {
        const wanted = (1 - decrease) * admitted
        while (expected > wanted && last >= USERS) expected -= histogram[last--] as number
      } else if (came === 0) {
        last = LEVELS - 1
      } else {
        const wanted = admitted + increase * came
        while (expected < wanted && last < LEVELS - 1) expected += histogram[++last] as number
      }
      histogram.fill(0)
      came = 0
      admitted = 0
      windowAt = now()
    }
    return {
      offer: ({ priority, organizationId }) => {
        const level = PRIORITIES.indexOf(priority) * USERS + userOf(organizationId)
        histogram[level]!++
        came++
        if (level > last && priority !== HIGHEST_PRIORITY) return peerRetryAfter(random)
        admitted++
        return ADMITTED
      },
      observe: (reading) => {
        queue.observe(reading, now())
        if (now() - windowAt >= WINDOW_MS || came >= WINDOW_EVENTS) move()
      }
    }
  }
}

export default dagor
