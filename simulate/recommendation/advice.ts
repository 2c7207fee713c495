/** One part of a recommendation. */
export interface Advice {
  readonly reasons: readonly string[]
  /** A JSON merge patch of the settings. */
  readonly patch?: object
  /** Keys of the environment for what operators cannot change at run time. */
  readonly environment?: Readonly<Record<string, number>>
}

export const whole = (value: number) => Math.round(value).toLocaleString('en')
export const fine = (value: number) => value < 10 ? value.toFixed(2) : whole(value)
export const percent = (share: number) => `${(100 * share).toFixed(1)} %`
