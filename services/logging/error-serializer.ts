import { stdSerializers, type SerializedError } from 'pino'
import { StartFault } from '../config/start-fault.ts'

/**
 * Omits the arguments of a failed Redis command: they may be whole batches of events, or the password of the handshake.
 * A fault that an operator mends has no stack: its message says all.
 */
export function serializeError (error: Error): SerializedError {
  if (error instanceof StartFault) {
    const { name: type, message, code } = error
    return { type, message, code } as unknown as SerializedError
  }
  const serialized = stdSerializers.err(error) as SerializedError & { command?: { name?: unknown } }
  if (typeof serialized !== 'object' || serialized === null) return serialized
  const { command, previousErrors: _previous, aggregateErrors: _aggregate, ...rest } =
    serialized as Record<string, unknown> & typeof serialized
  // pino appends the message of the cause to that of the error, which may have it already.
  const cause = error.cause instanceof Error ? error.cause.message : ''
  if (cause !== '' && error.message.includes(cause)) Object.assign(rest, { message: error.message, stack: error.stack })
  return { ...rest, ...(command !== undefined && { command: command.name }) } as unknown as SerializedError
}
