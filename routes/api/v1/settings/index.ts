import type { FastifyPluginAsync } from 'fastify'
import { entityTag, versionTest } from '../../../../services/settings/entity-tag.ts'
import { answerOf, changeSettings } from './change-settings.ts'
import { MERGE_PATCH_TYPE, settingsSchemas } from './schema.ts'

const settings: FastifyPluginAsync = async (fastify) => {
  const { settings: inForce, settingsModel, settingsOrders } = fastify
  const schemas = settingsSchemas(settingsModel.schema)

  fastify.addContentTypeParser(MERGE_PATCH_TYPE, fastify.collected(fastify.parseJson))
  // They name the organizations that have a quota.
  const readConfig = { isOperator: true, scope: 'read', isForWholeService: true } as const
  fastify.get('/', { schema: schemas.get, config: readConfig }, async (_request, reply) =>
    reply.header('etag', entityTag(inForce.current.version)).send(answerOf(inForce.current)))

  fastify.patch('/', {
    schema: schemas.patch,
    config: { isOperator: true, scope: 'admin', isForWholeService: true },
    // The settings check a patch themselves and name every wrong field.
    validatorCompiler: () => () => true
  }, async ({ body, ip, headers }, reply) => changeSettings(
    fastify, reply, () => settingsOrders.patch(body, ip, versionTest(headers['if-match']))
  ))
}

export default settings
