import { Type, type FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { CIRCUIT_FIELD, RESETS_FIELD } from '../../../../../../services/admission/gate.ts'
import { problemResponse } from '../../../../../../services/problem/problem-schema.ts'

const reset: FastifyPluginAsyncTypebox = async (fastify) => {
  const { backpressure, queue } = fastify

  fastify.post('/', {
    schema: {
      tags: ['metrics'],
      summary: 'Close the circuit and put the counters to zero, on every replica',
      description: 'The circuit opens again with the next sample if the depth is still critical.',
      response: {
        200: Type.Object({ success: Type.Boolean(), message: Type.String(), status: Type.String({ description: 'State of the circuit' }) }),
        503: problemResponse('The queue cannot be reached, so the other replicas cannot be told')
      }
    },
    config: { isOperator: true }
  }, async (_request, reply) => {
    try {
      await queue.ledger.bumpControl(RESETS_FIELD, { field: CIRCUIT_FIELD, value: 'CLOSED' })
    } catch {
      return reply.problem({ status: 503, slug: 'queue-unavailable', detail: 'Redis did not confirm the reset; it may still take effect when Redis comes back' })
    }
    // The sample that brings the new count resets this replica as it does every other one. The next one may have been under
    // way before the count went up; the one after it has seen it.
    await backpressure.nextSignals()
    await backpressure.nextSignals()
    const { circuitState: status } = backpressure.signals
    const message = status === 'OPEN'
      ? 'Circuit closed and counters reset; it opened again at once, since the depth is still critical'
      : 'Circuit closed and counters reset'
    return reply.send({ success: true, message, status })
  })
}

export default reset
