import { heartbeat, type Beating } from './heartbeat.ts'

/** A clock of turned time, for code that looks at it now and then. Keeps no process alive. */
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
