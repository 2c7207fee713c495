import { heartbeat, type Beating } from './heartbeat.ts'

/** A clock of turned time for code that polls it. Keeps no process alive. */
export class TurnedClock implements Beating {
  /** Starts immediately; the caller stops it. */
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
