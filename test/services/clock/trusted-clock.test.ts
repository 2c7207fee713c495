import t from 'tap'
import { HOLD_MS, TrustedClock, type ClockStep } from '../../../services/clock/trusted-clock.ts'

const START = 1_750_000_000_000
const HOUR = 3_600_000

/** Two hosts whose clocks can be set, with readings every 100 ms while time goes on. */
class Clocks {
  readonly seen: (ClockStep | string)[] = []
  hostAhead = 0
  redisAhead = 0
  isRedisAway = false
  #at = 5_000
  readonly clock = new TrustedClock({
    wall: () => START + this.#at + this.hostAhead,
    monotonic: () => this.#at,
    onStep: (step) => this.seen.push(step),
    onTrusted: (clock) => this.seen.push(`${clock} trusted`)
  })

  pass (ms: number): void {
    for (const end = this.#at + ms; this.#at < end;) {
      this.#at += Math.min(100, end - this.#at)
      if (!this.isRedisAway) this.clock.observeRedis(START + this.#at + this.redisAhead)
    }
  }

  /** Time goes on, and a reading from its beginning is read at its end. */
  stall (ms: number): void {
    const redisTimeMs = START + this.#at + this.redisAhead
    this.#at += ms
    this.clock.observeRedis(redisTimeMs)
  }

  /** How far the trusted time is ahead of the true one. */
  get ahead (): number { return this.clock.now - START - this.#at }
}

function clocks (): Clocks {
  const clocks = new Clocks()
  clocks.pass(1_000)
  return clocks
}

t.test('a step of one clock is reported, and the other one decides', async (t) => {
  for (const stepMs of [HOUR, -HOUR]) {
    const host = clocks()
    host.hostAhead = stepMs
    t.equal(host.ahead, 0, 'before the next reading')
    t.strictSame(host.seen, [{ clock: 'host', stepMs }])
    host.pass(2 * HOLD_MS)
    t.equal(host.ahead, 0, 'all processes keep to the clock of Redis')
    t.strictSame(host.seen.slice(1), ['host trusted'])

    const redis = clocks()
    redis.redisAhead = stepMs
    redis.pass(HOLD_MS)
    t.equal(redis.ahead, 0)
    t.match(redis.seen, [{ clock: 'redis' }])
    redis.pass(200)
    t.equal(redis.ahead, stepMs, 'after the hold it is believed')
  }
})

t.test('a step of both clocks is held, by the earlier of the two times, and then believed', async (t) => {
  for (const stepMs of [HOUR, -HOUR]) {
    const both = clocks()
    both.hostAhead = both.redisAhead = stepMs
    both.pass(HOLD_MS - 100)
    t.equal(both.ahead, Math.min(0, stepMs))
    t.ok(both.clock.isHolding)
    both.pass(200)
    t.equal(both.ahead, stepMs)
    t.notOk(both.clock.isHolding)
  }
})

t.test('a clock that is set back is believed at once', async (t) => {
  const glitch = clocks()
  glitch.hostAhead = glitch.redisAhead = HOUR
  glitch.pass(1_000)
  t.equal(glitch.ahead, 0)
  glitch.hostAhead = glitch.redisAhead = 0
  glitch.pass(100)
  t.notOk(glitch.clock.isHolding)
  t.equal(glitch.ahead, 0)
})

t.test('without Redis a step of the host is held too', async (t) => {
  const alone = new Clocks()
  alone.isRedisAway = true
  alone.hostAhead = HOUR
  t.equal(alone.ahead, 0)
  alone.pass(HOLD_MS)
  t.equal(alone.ahead, HOUR)
})

t.test('hosts that disagree keep to the clock of Redis; a fraction of a second is no disagreement', async (t) => {
  const apart = new Clocks()
  apart.redisAhead = -5_000
  apart.pass(1_000)
  t.equal(apart.ahead, -5_000)
  t.strictSame(apart.seen, [])
  const close = new Clocks()
  close.redisAhead = -900
  close.pass(1_000)
  t.equal(close.ahead, 0)
})

t.test('a process that stood still has not seen a step, and does not fall behind', async (t) => {
  const late = clocks()
  late.stall(30_000)
  t.equal(late.ahead, 0)
  late.pass(1_000)
  t.equal(late.ahead, 0)
  t.strictSame(late.seen, [])
})
