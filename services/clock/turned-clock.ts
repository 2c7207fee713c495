import { heartbeat, type Beating } from './heartbeat.ts'

/**
 * A clock of the time in which the event loop turned, for code that looks at it from time to time. It keeps no process
 * alive.
 */
export class TurnedClock implements Beating {
  /** Starts at once; to be stopped. */
  constructor () {
    heartbeat.join(this, false)
  }

  /** Milliseconds; only differences count. */
  get now (): number { return heartbeat.elapsedMs }

  stop (): void {
    heartbeat.leave(this)
  }

  beat (): void {}
}
