/** Formats a number of things for people, with commas: `1 event`, `2,000 events`. */
export function counted (number: number, noun: string): string {
  const whole = Math.round(number)
  return `${whole.toLocaleString('en-US')} ${noun}${whole === 1 ? '' : 's'}`
}
