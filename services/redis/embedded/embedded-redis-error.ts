import { StartFault } from '../../config/start-fault.ts'

export type EmbeddedRedisErrorCode =
  | 'EMBEDDED_REDIS_NOT_INSTALLED'
  | 'EMBEDDED_REDIS_EXITED'
  | 'EMBEDDED_REDIS_UNRESPONSIVE'
  | 'EMBEDDED_REDIS_UNSAFE_FOLDER'
  | 'EMBEDDED_REDIS_UNUSABLE_FOLDER'
  | 'EMBEDDED_REDIS_STOPPED'

/** The reason why there is no embedded Redis, with a code for programs and a remedy for people. */
export class EmbeddedRedisError extends StartFault<EmbeddedRedisErrorCode> {
  override readonly name = 'EmbeddedRedisError'
}
