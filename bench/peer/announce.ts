/** Announces to the bench where a program listens. */
export function announce (url: string): void {
  process.stdout.write(`${JSON.stringify({ event: 'started', url })}\n`)
}
