import { count, duration } from '../../paint.ts'
import { ok, warning, type Check, type Finding } from '../finding.ts'

/** A normal event that waits longer than this is too late for most purposes. */
const LONG_WAIT_SECONDS = 600

/** A circuit that opens on less work than this opens on every short burst. */
const SHORT_WAIT_SECONDS = 1

/** A recovery threshold closer to the warning threshold than this lets the circuit oscillate. */
const RECOVERY_SHARE = 0.75

const check: Check = ({ config, service }) => {
  const {
    QUEUE_WARNING_THRESHOLD: warningAt,
    QUEUE_CRITICAL_THRESHOLD: critical,
    QUEUE_RECOVERY_THRESHOLD: recovery,
    ENABLE_BACKPRESSURE: mode
  } = config
  const found: Finding[] = []
  if (mode !== 'true')
    found
      .push(warning(
        `ENABLE_BACKPRESSURE=${mode}`,
        'Spillway refuses nothing until Redis is full',
        'ENABLE_BACKPRESSURE=true'
      ))
  if (recovery > warningAt * RECOVERY_SHARE) {
    found
      .push(warning(
        `QUEUE_RECOVERY_THRESHOLD=${recovery} is near QUEUE_WARNING_THRESHOLD=${warningAt}`,
        'a half-open circuit opens again at once',
        `QUEUE_RECOVERY_THRESHOLD=${Math.max(1, Math.floor(warningAt / 5))}`
      ))
  }
  const { drainRate, totalPending } =
    service.state === 'reached' ? service.queue.queue : { drainRate: 0, totalPending: 0 }
  const rate = drainRate ?? 0
  // Only with a backlog does the drain rate show what the workers can do.
  if (rate < 1 || (totalPending ?? 0) < rate)
    return [
      ...found,
      ok(`thresholds ${count(recovery)} < ${count(warningAt)} < ${
        count(critical)
      } are in order; only load shows whether they fit the drain rate`)
    ]
  const seconds = critical / rate
  const what = `at the present drain rate of ${count(rate)} events/s the critical threshold of ${count(critical)} is ${
    duration(seconds)
  } of work`
  if (seconds > LONG_WAIT_SECONDS)
    found
      .push(warning(
        what,
        'normal events wait that long before Spillway sheds load',
        `QUEUE_CRITICAL_THRESHOLD = drain rate × tolerable delay, such as ${
          Math.ceil(rate * 60)
        } for a minute; measure the rate while events wait`
      ))
  else if (seconds < SHORT_WAIT_SECONDS)
    found
      .push(warning(
        what,
        'a short burst opens the circuit',
        `QUEUE_CRITICAL_THRESHOLD = drain rate × tolerable delay, such as ${Math.ceil(rate * 10)} for ten seconds`
      ))
  else found.push(ok(what))
  return found
}

export default check
