/*
 * Puts the controllers together: a reading of the queue gives the settings of admission that are in force until the next
 * one. The simulator has the same composition as the service.
 */
import type { AdmissionSettings } from '../admission/admission-state.ts'
import type { PreShed, Signals } from '../admission/signals.ts'
import type { Thresholds } from '../admission/thresholds.ts'
import type { Control, ControlReading } from './control.ts'
import type { BalanceReading } from './shed-loop.ts'

/** Predicts the depth, and decides on what to refuse ahead of a breach. */
export interface Forecaster<Reading> {
  /** Takes in a reading, with the thresholds in force. */
  observe: (reading: Reading, thresholds: Thresholds) => PreShed | undefined
}

/** The controllers of a service, each in the state that earlier readings left. */
export interface Controllers<Reading> {
  readonly control: Control
  readonly forecast: Forecaster<Reading> | undefined
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
  { control, forecast }: Controllers<Reading>
): AdmissionSettings {
  const thresholds = control.observe(reading, arrivalRateByPriority, operator)
  return {
    mode,
    thresholds,
    capacityPerSecond: control.provenPerSecond,
    ...control.relieve(reading, thresholds, circuits.depth),
    preShed: forecast?.observe(reading, thresholds)
  }
}
