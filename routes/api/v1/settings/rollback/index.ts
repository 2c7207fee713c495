import type { FastifyPluginAsync } from 'fastify'
import type { FieldError } from '../../../../../services/event/field-error.ts'
import { versionTest } from '../../../../../services/settings/entity-tag.ts'
import { isRecord } from '../../../../../services/event/record.ts'
import { changeSettings } from '../change-settings.ts'
import { settingsSchemas } from '../schema.ts'

const rollback: FastifyPluginAsync = async (fastify) => {
  const { settingsModel, settingsOrders } = fastify

  fastify.post('/', {
    schema: settingsSchemas(settingsModel.schema).rollback,
    config: { isOperator: true },
    validatorCompiler: () => () => true
  }, async ({ body, ip, headers }, reply) => {
    const errors = rollbackErrors(body)
    if (errors.length > 0) return reply.invalidQuery(errors, Infinity)
    const { version } = body as { version: number }
    return changeSettings(
      fastify, reply, () => settingsOrders.rollback(version, ip, versionTest(headers['if-match']))
    )
  })
}

export default rollback

function rollbackErrors (body: unknown = {}): FieldError[] {
  if (!isRecord(body)) return [{ field: '', message: 'Expected an object' }]
  const { version, ...others } = body
  const errors = Object.keys(others).map((field) => ({ field, message: 'Unexpected property' }))
  if (Number.isSafeInteger(version) && version as number >= 0) return errors
  return [{ field: 'version', message: 'Expected a version, an integer of at least 0' }, ...errors]
}
