/*
 * Puts the controllers together: a reading of the queue gives the settings of admission that are in force until the next
 * one. The simulator has the same composition as the service.
 */
import type { AdmissionSettings } from '../admission/admission-state.ts'
import type { Fairness } from '../admission/fairness.ts'
import type { Signals } from '../admission/signals.ts'
import { sum } from '../admission/sum.ts'
import type { Thresholds } from '../admission/thresholds.ts'
import type { Control, ControlReading } from './control.ts'
import type { Call } from './forecast-loop.ts'
import type { Relief as ShedRelief } from './kept-shares.ts'
import type { RetryAccuracy } from './retry-accuracy.ts'
import type { BalanceReading } from './shed-loop.ts'

/** The measures of a forecast against a breach that it predicts, beside workers. */
export type Ahead = Pick<Call, 'preShed' | 'keptLow'>

/** Predicts the depth, and decides on what to keep out ahead of a breach. */
export interface Forecaster<Reading> {
  /**
   * Takes in a reading, with the thresholds in force.
   *
   * @param isLowSampled a sample of low is kept under pressure
   */
  observe: (reading: Reading, thresholds: Thresholds, isLowSampled: boolean) => Ahead | undefined
}

/** The controllers of a service, each in the state that earlier readings left. */
export interface Controllers<Reading> {
  readonly control: Control
  readonly forecast: Forecaster<Reading> | undefined
  readonly fairness?: Fairness
  /** Knows how long each class has been refused. */
  readonly retryAccuracy?: Pick<RetryAccuracy, 'refusedMs'>
}

/**
 * Takes in a reading and returns what is in force with it.
 *
 * @param signals of the reading before
 * @param operator the settings of the operator
 */
export function settingsInForce<Reading extends ControlReading & BalanceReading> (
  reading: Reading,
  { arrivalRateByPriority, circuits }: Signals,
  { mode, thresholds: operator }: Pick<AdmissionSettings, 'mode' | 'thresholds'>,
  { control, forecast, fairness, retryAccuracy }: Controllers<Reading>
): AdmissionSettings {
  const thresholds = control.observe(reading, arrivalRateByPriority, operator)
  const ahead = forecast?.observe(reading, thresholds, control.settings.sampling !== 'off')
  const capacityPerSecond = control.provenPerSecond
  const relief = control.relieve(reading, thresholds, circuits.depth, ahead?.keptLow)
  const isShedding = circuits.depth !== 'CLOSED' || ahead?.preShed !== undefined || isShed(relief)
  return {
    mode,
    thresholds,
    capacityPerSecond,
    waits: control.waits,
    ...relief,
    preShed: ahead?.preShed,
    // Nothing can be shared out without evidence of it, as while work is paused or the consumer is away.
    fairShares: control.settings.fairness === 'off' || capacityPerSecond === undefined
      ? undefined
      : fairness?.sharesAt({ depth: sum(reading.depthByPriority), thresholds, capacityPerSecond }, isShedding),
    refusedMs: retryAccuracy?.refusedMs
  }
}

function isShed ({ shedding, kept }: ShedRelief): boolean {
  return (shedding !== undefined && shedding.shares.low > 0) || (kept !== undefined && kept.low < 1)
}
