import { shownRate } from '../admission/rate.ts'
import { counted } from '../terminal/counted.ts'
import { HORIZON_MS } from './surge.ts'
import type { Ignorance, Standstill, WorkersNeeded } from './scaling-state.ts'

const UNKNOWN: Readonly<Record<Ignorance, string>> = {
  'queue-unavailable': 'The queue cannot be read; leave the number of workers unchanged and try again when Redis is back',
  'too-early': 'This process has seen the queue for less than three seconds; try again in a moment',
  'speed-unknown':
    'Events wait, and this process has not yet seen workers finish any; leave the number of workers unchanged until it has'
}

const STANDSTILL: Readonly<Record<Standstill, string>> = {
  'paused': 'An operator has paused the workers, and more of them would also wait',
  'held': 'No worker takes a batch, and more of them would also be held',
  'consumer-away': 'The consumer is away or asks for patience, and more workers would not make it faster'
}

/** Returns why no number can be given, and what to do. */
export function whyUnknown (ignorance: Ignorance): string {
  return UNKNOWN[ignorance]
}

/** Explains the number of workers in one sentence with its figures. */
export function scalingReason (state: WorkersNeeded): string {
  const { needed, held, standstill, enoughNow, limit } = state
  const heldText = held === 0 ? '' : `, ${held} of them for ${counted(held, 'worker')} that ${held === 1 ? 'takes' : 'take'} no batch`
  if (standstill !== undefined) return `${STANDSTILL[standstill]}, so the number stays at ${needed}.`
  if (limit !== undefined && needed < enoughNow) {
    const [few, fewPerSecond, many, manyPerSecond] = limit.compared
    return `${counted(many, 'worker')} finished ${rate(manyPerSecond)} and ${few} ${rate(fewPerSecond)}, so the consumer or the ` +
      `machine is the limit, and ${needed} are enough${heldText}.`
  }
  const verb = needed === 1 ? 'is' : 'are'
  if (enoughNow < needed) {
    return `${loadOf(state)}; ${enoughNow} would be enough now, and ${needed} ${verb} kept until the mean of ` +
      `${state.scaleInAfterMs / 1_000} s shows that fewer are${heldText}.`
  }
  return `${loadOf(state)}, so ${counted(needed, 'worker')} ${verb} needed${heldText}.`
}

function loadOf ({ arrivalRate, waiting, ratePerWorker, required, isSurge, isAhead }: WorkersNeeded): string {
  const horizon = `${HORIZON_MS / 1_000} s`
  const speed = ratePerWorker === undefined || !Number.isFinite(ratePerWorker)
    ? 'the speed of a worker is not known yet'
    : `one worker finishes ${rate(ratePerWorker)}`
  const load = `${capitalised(rate(arrivalRate))} arrive and ${counted(waiting, 'event')} ${waiting === 1 ? 'waits' : 'wait'}`
  if (isSurge) return `${load}, arrivals have just jumped, the budgets would be missed in ${horizon}, and ${speed}`
  if (isAhead) return `${load}, a proven forecast predicts more within ${horizon}, and ${speed}`
  const cause = required.until === 'low' ? '' : ` with ${required.until} events as the most urgent backlog`
  return `${load}${cause}, and ${speed}`
}

function rate (perSecond: number): string {
  const shown = shownRate(perSecond)
  return `${shown} ${shown === 1 ? 'event' : 'events'}/s`
}

function capitalised (text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}
