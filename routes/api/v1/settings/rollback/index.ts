import type { FastifyPluginAsync } from 'fastify'
import { versionTest } from '../../../../../services/settings/entity-tag.ts'
import { decoder } from '../../../../../services/schema/decode.ts'
import { changeSettings } from '../change-settings.ts'
import { RollbackSchema, settingsSchemas } from '../schema.ts'

const decodeOrder = decoder(RollbackSchema)

const rollback: FastifyPluginAsync = async (fastify) => {
  const { settingsModel, settingsOrders } = fastify

  fastify.post('/', {
    schema: settingsSchemas(settingsModel.schema).rollback,
    config: { isOperator: true, scope: 'admin', isForWholeService: true },
    validatorCompiler: () => () => true
  }, async ({ body, ip, headers }, reply) => {
    const order = decodeOrder(body)
    if (!order.ok) return reply.invalidBody(order.errors)
    const { version } = order.value
    return changeSettings(
      fastify, reply, () => settingsOrders.rollback(version, ip, versionTest(headers['if-match']))
    )
  })
}

export default rollback
