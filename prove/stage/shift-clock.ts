/*
 * Loaded into a process by --import: its wall clock is wrong by PROVE_CLOCK_SHIFT_MS from the start on. What measures
 * time otherwise is as right as ever.
 */
const shiftMs = Number(process.env.PROVE_CLOCK_SHIFT_MS)
const RealDate = Date

class ShiftedDate extends RealDate {
  constructor (...args: unknown[]) {
    if (args.length === 0) super(RealDate.now() + shiftMs)
    else super(...args as [number])
  }

  static override now (): number {
    return RealDate.now() + shiftMs
  }
}

globalThis.Date = ShiftedDate as DateConstructor
