import { Type, type FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { tellReplicas, untoldResponse } from '../../../tell-replicas.ts'

const reset: FastifyPluginAsyncTypebox = async (fastify) => {
  const { backpressure, queue } = fastify

  fastify.post('/', {
    schema: {
      tags: ['control'],
      operationId: 'resetBackpressure',
      summary: 'Close the circuit, reset the counters, and end the pause of deliveries, on every replica',
      description:
        'The circuit opens again at the next reading if the depth is still critical. Deliveries pause again if the ' +
        'consumer still refuses them. Smooth shedding begins again without pressure; the measured capacity stays.',
      response: {
        200: Type.Object({
          success: Type.Boolean(),
          message: Type.String(),
          status: Type.String({ description: 'The state of the circuit' })
        }, { description: 'Every replica follows with its next reading.' }),
        503: untoldResponse
      }
    },
    config: { isOperator: true, scope: 'admin', isForWholeService: true }
  }, async (_request, reply) => tellReplicas(fastify, reply, 'the reset', async () => {
    await queue.circuit.reset()
    await queue.endPause()
  }, () => {
    const { circuitState: status } = backpressure.signals
    const message = status === 'OPEN'
      ? 'Circuit closed and counters reset; the circuit opened again at once because the depth is still critical'
      : 'Circuit closed and counters reset'
    return { success: true, message, status }
  }))
}

export default reset
