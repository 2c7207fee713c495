/**
 * A fault that stops the start and that an operator mends. Its message says what to do, so the log shows it without a
 * stack.
 */
export class StartFault<Code extends string = string> extends Error {
  override readonly name: string = 'StartFault'
  readonly code: Code

  constructor (code: Code, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}
