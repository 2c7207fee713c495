import type { Logger } from 'pino'
import type { DeadLetterRoom } from '../services/dead-letters/dead-letter-room.ts'
import { throttled } from '../services/logging/throttled-log.ts'
import type { WorkerControl } from './handler.ts'

const FULL = new Error(
  'there is no room for further dead letters, so this worker takes no batch and events wait: replay or delete ' +
  'dead letters, raise DEAD_LETTER_MAX_EVENTS or DEAD_LETTER_MAX_BYTES, or set DEAD_LETTER_OVERFLOW=discard-oldest'
)
const ROOM = new Error('there is room for dead letters again, and this worker takes batches')

/**
 * Holds a worker while there is no room for dead letters, and logs it.
 *
 * @param now milliseconds of any clock that does not go back
 */
export function holdWhileFull (
  room: DeadLetterRoom, worker: Pick<WorkerControl, 'hold' | 'release'>, log: Logger, now: () => number
): void {
  const logFull = throttled(({ message }, suppressed) => {
    log.error({ event: 'dead-letters-full', most: room.mostEvents, suppressed }, message)
  }, now)
  const logRoom = throttled(({ message }, suppressed) => {
    log.info({ event: 'dead-letters-room', suppressed }, message)
  }, now)
  room.onChange((isFull) => {
    if (isFull) {
      worker.hold('dead-letters-full')
      logFull(FULL)
    } else {
      worker.release('dead-letters-full')
      logRoom(ROOM)
    }
  })
}
