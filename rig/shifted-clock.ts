/* Loaded by --import: shifts the wall clock of the process by CLOCK_SHIFT_MS, as on a machine with a wrong clock. */
const shiftMs = Number(process.env.CLOCK_SHIFT_MS)
const RealDate = Date

globalThis.Date = class extends RealDate {
  constructor (...args: unknown[]) {
    if (args.length === 0) super(RealDate.now() + shiftMs)
    else super(...args as [number])
  }

  static override now (): number { return RealDate.now() + shiftMs }
} as DateConstructor
