export type EmbeddedRedisErrorCode =
  | 'EMBEDDED_REDIS_NOT_INSTALLED'
  | 'EMBEDDED_REDIS_EXITED'
  | 'EMBEDDED_REDIS_UNRESPONSIVE'
  | 'EMBEDDED_REDIS_UNSAFE_FOLDER'
  | 'EMBEDDED_REDIS_STOPPED'

/** The reason why there is no embedded Redis, with a code for programs and a remedy for people. */
export class EmbeddedRedisError extends Error {
  override readonly name = 'EmbeddedRedisError'
  readonly code: EmbeddedRedisErrorCode

  constructor (code: EmbeddedRedisErrorCode, message: string) {
    super(message)
    this.code = code
  }
}
