import type { FastifyPluginAsync, FastifyRequest } from 'fastify'
import { decoder } from '../../../../../../services/schema/decode.ts'
import { answerOrder } from '../../answer-order.ts'
import { DEFAULT_GRACE_SECONDS, rotateKeySchema, RotationSchema } from '../../schema.ts'

const decodeRotation = decoder(RotationSchema)

const rotate: FastifyPluginAsync = async (fastify) => {
  const { keyOrders } = fastify

  fastify.post('/', {
    schema: rotateKeySchema, config: { isOperator: true, scope: 'admin' }, validatorCompiler: () => () => true
  }, async (request: FastifyRequest, reply) => {
    const rotation = decodeRotation(request.body ?? {})
    if (!rotation.ok) return reply.invalidBody(rotation.errors)
    const { id } = request.params as { id: string }
    const { graceSeconds } = rotation.value
    const graceMs = (graceSeconds ?? DEFAULT_GRACE_SECONDS) * 1_000
    return answerOrder(fastify, request, reply, 'rotated', () =>
      keyOrders.rotate(id, graceMs, graceSeconds !== undefined, request.producer))
  })
}

export default rotate
