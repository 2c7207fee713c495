/** A command that got no answer from Redis: whether it was carried out is not known. */
export class CommandError extends Error {
  readonly code: 'command-timeout' | 'connection-lost'

  constructor (code: CommandError['code'], message: string) {
    super(message)
    this.code = code
  }
}
