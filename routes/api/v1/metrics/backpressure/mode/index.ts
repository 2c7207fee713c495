import { Type, type FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { MODE_FIELD } from '../../../../../../services/admission/admission-state.ts'
import { ADMISSION_MODES } from '../../../../../../services/admission/mode.ts'
import { problemResponse } from '../../../../../../services/problem/problem-schema.ts'
import { tellReplicas, untoldResponse } from '../../../tell-replicas.ts'
import { parseModeOrder } from './mode-order.ts'

const Mode = Type.Union(ADMISSION_MODES.map((mode) => Type.Literal(mode)))

const mode: FastifyPluginAsyncTypebox = async (fastify) => {
  const { backpressure, config, queue, log } = fastify
  const { ENABLE_BACKPRESSURE: configuredMode } = config

  fastify.put('/', {
    config: { isOperator: true },
    schema: {
      tags: ['control'],
      operationId: 'setBackpressureMode',
      summary: 'Switch backpressure on, off or to observe, on every replica',
      description:
        'The mode also holds for replicas that start later. Send null to return every replica to its own ' +
        'ENABLE_BACKPRESSURE.',
      body: Type.Object({ mode: Type.Union([Mode, Type.Null()]) }, { additionalProperties: false }),
      response: {
        200: Type.Object({ mode: Mode, configuredMode: Mode }, {
          description: 'The mode in force, and the configured mode of this replica.'
        }),
        400: problemResponse('The request is invalid; `errors` names every wrong field.'),
        413: problemResponse('The body is too large.'),
        415: problemResponse('The body is not JSON.'),
        503: untoldResponse
      }
    },
    validatorCompiler: () => () => true
  }, async ({ body }, reply) => {
    const order = parseModeOrder(body)
    if (!order.ok) return reply.invalidQuery(order.errors)
    const { mode: asked } = order
    const from = backpressure.mode
    return tellReplicas(fastify, reply, 'the mode', async () => {
      await queue.ledger.setControl(MODE_FIELD, asked ?? '')
      log.warn({ event: 'backpressure-mode', from, to: asked ?? configuredMode, isConfigured: asked === null }, 'an operator switched the mode of backpressure')
    }, () => ({ mode: backpressure.mode, configuredMode }))
  })
}

export default mode
