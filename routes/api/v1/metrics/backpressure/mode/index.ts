import { Type, type FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { ADMISSION_MODES } from '../../../../../../services/admission/mode.ts'
import { problemResponse } from '../../../../../../services/problem/problem-schema.ts'
import { decoder } from '../../../../../../services/schema/decode.ts'
import { oneOf } from '../../../../../../services/schema/one-of.ts'
import { changeSettings } from '../../../settings/change-settings.ts'
import { untoldResponse } from '../../../tell-replicas.ts'

const Mode = oneOf(ADMISSION_MODES)
const OrderSchema = Type.Object({ mode: Type.Union([...Mode.anyOf, Type.Null()]) }, { additionalProperties: false })
const decodeOrder = decoder(OrderSchema)

const mode: FastifyPluginAsyncTypebox = async (fastify) => {
  const { config: { ENABLE_BACKPRESSURE: configuredMode }, settingsOrders } = fastify

  fastify.put('/', {
    config: { isOperator: true, scope: 'admin', isForWholeService: true },
    schema: {
      tags: ['control'],
      operationId: 'setBackpressureMode',
      summary: 'Switch backpressure on, off or to observe, on every replica',
      description:
        'The mode also holds for replicas that start later. Send null to return every replica to its own ' +
        'ENABLE_BACKPRESSURE.',
      body: OrderSchema,
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
  }, async ({ body, ip }, reply) => {
    const order = decodeOrder(body)
    if (!order.ok) return reply.invalidBody(order.errors)
    return changeSettings(
      fastify, reply, () => settingsOrders.patch({ backpressure: order.value }, ip),
      ({ settings: { backpressure: { mode: inForce } } }) => ({ mode: inForce, configuredMode })
    )
  })
}

export default mode
